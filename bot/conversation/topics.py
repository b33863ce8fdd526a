"""Finds the topic that a message names: "summarise the part on technology" names "technology"."""

from __future__ import annotations

import re
from collections.abc import Collection

_NUMBER = r"(?:\d+|[ivx]+|one|two|three|four|five|six|seven|eight|nine|ten)"
_ABOUT = r"(?:on|about|of|for|in|over|covering|called|named|titled|regarding|concerning|around|with)"
_PART = (
    r"(?:parts?|sections?|chapters?|bits?|passages?|paragraphs?|pages?|pieces?|sentences?|quotes?|lessons?|"
    r"quiz(?:zes)?|test|questions?|flash ?cards?|course|trivia)"
)
_SAYS = (
    r"(?:(?:is|are|that|which|does|do|did|can|could|it|they|you|i|the author|to|a|s)\s+)*"
    r"(?:talks?|speaks?|about|covers?|discuss(?:es)?|deals?|mentions?|explains?|contains?|describes?|reads?|is|are|find)"
)
_PATTERNS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # A numbered part is a topic with its noun.
        r"\b((?:the )?(?:first|second|third|fourth|fifth|last) (?:chapter|section|part))\b",
        rf"\b((?:chapter|section|part) {_NUMBER})\b",
        # "in which chapter is inflation discussed", "what section is jazz in"
        r"\b(?:which|what) \w+ (?:is|are) (.+?) (?:in|discussed|explained|covered|mentioned|described)$",
        r"\b(?:is|are) (.+?) (?:discussed|explained|covered|mentioned|described)$",
        rf"\b(?:which|what|wich) \w+ {_SAYS}(?: (?:about|with|of|for|to))*\s+(.+)$",
        # "the part on X", "a quiz about X", "the X section"
        rf"\b{_PART} {_ABOUT}(?: the (?:part|section|chapter|bit) (?:on|about|of))?\s+(.+)$",
        r"\bthe (?!whole|entire|next|last|first)(\w[\w' -]*?) (?:part|section|chapter)$",
        # "quiz me on X", "overview of X", "tutor me in X", "how much do I know about X"
        r"\b(?:about|regarding|concerning)\s+(.+)$",
        r"\b(?:me|us|points?|ideas?|summary|overview|outline|gist|recap|highlights?|tldr|rundown|knowledge|synopsis|"
        r"arguments?|structure|contents|start|begin|it says)\s+(?:on|about|of|in|over|with|through|thru)\s+(.+)$",
        r"^(?:\w+ ){0,3}?(?:summari[sz]e|sum up|recap|condense|teach me|learn|study|practi[sc]e|understand|revise)"
        r"(?! (?:me|us|on|for)\b) (.+)$",
        r"^((?:[\w'-]+ )?[\w'-]+) (?:quiz|lesson|test|flashcards)$",
        r"\bmy (.+?) knowledge$",
    )
]
_DOCUMENT = (
    r"(?:essay|text|document|article|paper|book|file|story|report|post|page|guide|handbook|manual|policy|speech|whole)"
)
_EDGE = re.compile(
    rf"\b(?:does|do|did) (?:\w+ ){{1,3}}?(end|finish|conclude|begin|start|open)(?: (?:up|off|with))?$|"
    rf"\b(conclusions?|ending|introduction|intro|beginning)(?: (?:of|to|in) (?:the|this|that|your) {_DOCUMENT})?"
    r"(?: about| say| says)?$",
    re.IGNORECASE,
)
"""Matches a message on how the text begins or ends; the topic is the word for it."""
_FRONT = re.compile(
    r"^(?:(?:the|a|an|this|that|about|on|of|how|everything|more|some|all|what|it says)\s+)+", re.IGNORECASE
)
_ENDS = (
    r"in (?:\d+|a few|one|two|three|short) ?(?:words?|sentences?|lines?|points?)?|briefly|"
    r"please|pls|plz|for me|to me|again|now|today|more simply|in simple (?:terms|words)|step by step|together|"
    r"from (?:scratch|the beginning)|for my exam|works?|discussed|is about|"
    r"makes? no sense|is confusing|mean"
)
_NO_TOPIC = re.compile(r"(?:it|they|you|he|she|we|i|i'm|im|there)\b", re.IGNORECASE)
_BACK = re.compile(rf"(?:[\s,]+(?:{_ENDS}))+$", re.IGNORECASE)


def topic_of(text: str, generic: Collection[str]) -> str | None:
    """Return the topic as it is written, without its article; None when the message names none but `generic` words."""
    bare = re.sub(r"\s+", " ", text.strip(" .!?…\n\t\"'"))
    bare = _BACK.sub("", bare) if " " in bare else bare
    if edge := _EDGE.search(bare):
        return edge[1] or edge[2]
    for pattern in _PATTERNS:
        for found in pattern.finditer(bare):
            topic = _BACK.sub("", _FRONT.sub("", found[1])).strip(" .,!?:;\"'")
            if topic and not _NO_TOPIC.match(topic) and not {*re.findall(r"[\w']+", topic.casefold())} <= {*generic}:
                return topic
    return None
