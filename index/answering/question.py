"""Parses a question: the type of its answer, its topic, two things to compare, a new subject."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from index.documents.language import likeliest
from index.text.lexicon import ENGLISH, any_of, lexicon
from index.text.words import all_words, stop_words, words

if TYPE_CHECKING:
    from collections.abc import Sequence


class AnswerType(StrEnum):
    """What an answer must hold, by the words of the question."""

    NUMBER = "number"
    DATE = "date"
    PERSON = "person"
    PLACE = "place"
    OTHER = "other"


_ASKING = frozenset(lexicon(ENGLISH).asking)


def kind_of(question: str, language: str = ENGLISH) -> AnswerType:
    """Name the type of answer a question asks for: "How many days did it burn?" asks for a number."""
    return next((kind for kind, pattern in _type_patterns(language) if pattern.search(question)), AnswerType.OTHER)


@cache
def _type_patterns(language: str) -> list[tuple[AnswerType, re.Pattern[str]]]:
    own = lexicon(language)
    phrases = (own.asks_number, own.asks_date, own.asks_person, own.asks_place)
    return [
        (kind, re.compile(rf"\b{any_of(each)}\b", re.IGNORECASE))
        for kind, each in zip(AnswerType, phrases, strict=False)
    ]


@cache
def question_words(language: str) -> frozenset[str]:
    """Return the words that open a question, such as "who"."""
    return frozenset(lexicon(language).question_words)


def topic_words(question: str, language: str = ENGLISH) -> list[str]:
    """List the distinct words a question is about, lower case; all its words when it has only words of asking.

    "Who forgets the fire?" gives ["forgets", "fire"], "What is it?" gives ["what"].
    """
    return content_words(question, language) or list(dict.fromkeys(words(question, language)))


def content_words(question: str, language: str = ENGLISH) -> list[str]:
    """List the distinct words of a question that are not words of asking, lower case; possibly none."""
    asking = _asking(language)
    return [word for word in dict.fromkeys(words(question, language)) if word not in asking]


@cache
def _asking(language: str) -> frozenset[str]:
    return frozenset(lexicon(language).asking)


def language_asked(question: str, languages: Sequence[str]) -> str:
    """Return in which of the languages of a library a question is: the one of most of its small words.

    Between languages that share these, and without any, the likeliest one by the letters.
    """
    if len(languages) == 1:
        return languages[0]
    said = all_words(question)
    small = {each: sum(word in stop_words(each) or word in _asking(each) for word in said) for each in languages}
    most = max(small.values())
    return likeliest(question, [each for each in languages if small[each] == most])


@dataclass(frozen=True, slots=True)
class Comparison:
    """The two things that a question compares; `topic` is what is left of the question, possibly nothing."""

    first: str
    second: str
    topic: str


_THING = r"(?:the |an? )?(?P<{0}>[\w'’-]+(?: [\w'’-]+){{0,4}}?)"
_FIRST, _SECOND = _THING.format("first"), _THING.format("second")
_END = (
    r"(?= in (?:terms|respect|regard)| in (?:its|their|the|how|what)| (?:when|regarding|concerning|as to|with "
    r"(?:regard|respect))\b|\s*[?.!,;:]|\s*$)"
)
_BE = r"(?:is|are|do|does|did|was|were|would|will|should)"
_COMPARISONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # how does X differ from Y, in what way is X different from Y
        rf"\b(?:how|in what (?:way|respect)s?|why|where)\b.{{0,40}}?\b{_BE}\s+{_FIRST}\s+(?:really |actually "
        rf"|fundamentally |essentially )?(?:differ(?:s|ent|ently)?|distinct|diverge)\s+(?:from|to|than)\s+"
        rf"{_SECOND}{_END}",
        # what is the difference between X and Y, how do X and Y differ
        rf"\b(?:differences?|distinctions?|contrasts?)\s+(?:is there |are there )?between\s+{_FIRST}\s+and\s+"
        rf"{_SECOND}{_END}",
        rf"\b(?:how|where|why)\s+{_BE}\s+{_FIRST}\s+and\s+{_SECOND}\s+(?:differ|different|diverge)\b",
        rf"\b(?:compare|contrast)\s+{_FIRST}\s+(?:and|with|to|against)\s+{_SECOND}{_END}",
        rf"\bwhat (?:distinguishes|separates|sets)\s+{_FIRST}\s+(?:apart )?from\s+{_SECOND}{_END}",
        rf"(?<![\w'’-]){_FIRST}\s+(?:vs\.?|versus)\s+{_SECOND}{_END}",
        # is X the same as Y
        rf"\b(?:is|are)\s+{_FIRST}\s+(?:any |really |very |at all )?(?:different from|the same (?:thing )?as|unlike|"
        rf"similar to)\s+{_SECOND}{_END}",
    )
)
_ABOUT_WHAT = re.compile(
    r"\b(?:in (?:terms|respect|regard) (?:of|to)|when it comes to|regarding|concerning|as to|with "
    r"(?:regard|respect) to)\b",
    re.IGNORECASE,
)
_OWNED = re.compile(r"^(?P<owner>.+?)(?:'s|’s)\s+(?P<topic>.+)$")
_OF = re.compile(r"^(?P<topic>.+?)\s+of\s+(?:the\s+)?(?P<owner>.+)$", re.IGNORECASE)
_IN = re.compile(r"^(?P<owner>.+?)\s+(?:in|regarding|concerning)\s+(?P<topic>.+)$", re.IGNORECASE)


def comparison_in(question: str) -> Comparison | None:
    """Find the two things a question compares, and the topic.

    "How does clay differ from glass in terms of memory?" gives Comparison("clay", "glass", "memory").
    """
    for pattern in _COMPARISONS:
        found = pattern.search(question)
        if found is None:
            continue
        first, second = _bare(found["first"]), _bare(found["second"])
        rest = (question[: found.start()] + " " + question[found.end() :]).strip(" ?.!,;:")
        rest = _ABOUT_WHAT.sub(" ", rest)
        topic = " ".join(topic_words(rest)) if words(rest) and set(words(rest)) - _ASKING else ""
        first, topic = _without_topic(first, topic)
        second, topic = _without_topic(second, topic)
        if words(first) and words(second) and first.lower() != second.lower():
            return Comparison(first, second, topic)
    return None


def _bare(thing: str) -> str:
    return re.sub(r"^(?:the|an?)\s+", "", thing.strip(), flags=re.IGNORECASE)


def _without_topic(thing: str, topic: str) -> tuple[str, str]:
    """Split "metaverse's industrial form" into "metaverse" and, where there is no topic yet, "industrial form"."""
    found = _OWNED.match(thing) or _OF.match(thing) or _IN.match(thing)
    if found is None:
        return re.sub(r"(?:'s|’s)$", "", thing), topic
    return _bare(found["owner"]), topic or found["topic"]


_ABOUT = re.compile(
    r"^\W*(?:(?:and|but|so|ok(?:ay)?|then)\W*)?(?:(?:what|how) about|what of|and|how is it with)\s\W*(?P<thing>\w.*)",
    re.IGNORECASE | re.DOTALL,
)


def new_subject(question: str) -> str | None:
    """Give X of "And what about X?" as it is spelled there, without article; None for another question."""
    found = _ABOUT.match(question)
    if found is None:
        return None
    thing = found["thing"]
    end = next(at for at in range(len(thing), 0, -1) if re.match(r"\w", thing[at - 1]))
    return re.sub(r"^\W+", "", _bare(thing[:end]))
