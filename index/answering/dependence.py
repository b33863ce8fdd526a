"""Says by the words of a message whether it depends on an earlier one; English rules, no model."""

from __future__ import annotations

import re
from enum import IntEnum
from itertools import islice

from index.answering.question import content_words, topic_words
from index.text.lexicon import ENGLISH, lexicon
from index.text.words import words


class Dependence(IntEnum):
    """How surely a question depends on an earlier one."""

    NONE = 0
    POSSIBLE = 1  # joined only if the library answers it better together with the earlier one
    CERTAIN = 2


_FEW = 2  # a question of so few topic words, without a name, possibly leaves its subject out
_PRONOUNS = 8  # that are judged: a message may hold a thousand
_SPECIFIC = 4  # topic words after "it" or "they" from which on these may be impersonal: "where did they film ..."

_ACKNOWLEDGEMENT = (
    r"(?:ok(?:ay)?|k|yes|yeah|yep|yup|no|nope|not (?:quite|really)|wow|really|cool|nice|great|good|thanks?(?: you)?|thx"
    r"|ty|i see|hm+|ah+|oh+|huh|lol|sure|right|all ?right|fine|got it|well|sorry|please|hey|hi|hello"
    r"|(?:that['’]?s )?(?:very |really |so )?(?:interesting|amazing|awesome|fascinating|terrible|sad|disappointing))"
)
_ACKNOWLEDGES = re.compile(rf"^\W*(?:{_ACKNOWLEDGEMENT}(?:[^\w'’]+|$))+", re.IGNORECASE)
_CONTENTLESS = frozenset(lexicon(ENGLISH).contentless)
_STARTS = r"^\W*(?:(?:and|but|so|then|now)\W+)*"
_ASKING_WORD_ALONE = re.compile(
    rf"{_STARTS}(?:why|how|when|where|who|what)"
    r"(?:\s+(?:so|not|exactly|then|come|else|now|next|(?:is|was) (?:that|this|it)))?\W*$",
    re.IGNORECASE,
)
_WHY = re.compile(rf"{_STARTS}(?:why|how come|how so)\b", re.IGNORECASE)
_ABOUT = re.compile(rf"{_STARTS}(?:(?:what|how) about|what of|how is it with)\b", re.IGNORECASE)
_FRAGMENT = re.compile(
    r"^\W*(?:ok(?:ay)?\W+)?(?:and|but|or)\W+(?!(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did"
    r"|can|could|will|would|should|has|have|had|in|if|i|you|we|they|he|she|it)\b)\w",
    re.IGNORECASE,
)
_OF_CONVERSATION = re.compile(
    r"\bi (?:meant|mean)\b|\byou (?:mentioned|said|missed|told|listed)\b|\bwe(?:['’]ve)? talked\b"
    r"|\b(?:mentioned|said) (?:above|before|earlier)\b",
    re.IGNORECASE,
)
_IMPERSONAL = re.compile(
    r"\bit(?= (?:takes?|took|seems?|means?|is|was|true|possible|important|necessary|worth|safe|legal|better|easy|hard"
    r"|difficult|known|common|normal|rains?|snows?)\b[^?]*\b(?:to|that|for|if|when)\b)|\bit(?= (?:rain|snow)\b)",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|she|his|her|hers|him"
    # "this", "that": before a verb or at an end; not the conjunction of "the fact that is known".
    r"|(?:this|those|these|(?<!\w )that|(?<=\bis )that|(?<=\bdoes )that)"
    r"(?= (?:is|was|are|were|means?|happens?|works?|so|do|does|did|can|could|would|will)\b|['’]s\b)"
    r"|(?:(?<!\bwrote )this|that|these|those)(?=\s*(?:[?!.,;:]|$)))\b",
    re.IGNORECASE,
)
_DEMONSTRATIVE = re.compile(  # "this essay" is the library's
    r"\b(?:this|these|those)\s+(?!(?:essay|text|book|article|document|paper|library|author|writer)s?\b)\w",
    re.IGNORECASE,
)
_OF_LIBRARY = re.compile(
    r"\b(?:essay|text|book|article|document|paper|library|author|writer)s?\b|\bwrote this\b", re.IGNORECASE
)
_BY_CONTRAST = re.compile(
    r"\b(?:else|others?|another|same|such|both|former|latter|instead|alternatives?|examples?|as well|too|more|similar"
    r"|compared?|related|mentioned|next|(?<!one )(?<!of )(?<!no )ones?(?! of)"
    r"|the (?:two|three|first|second|third|last)(?=\W*$))\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"^\W*(?:and|but|so|then|also|besides|now)\b", re.IGNORECASE)
_SELF = re.compile(r"\b(?:i|my|me|we|our|us)\b", re.IGNORECASE)
_SENTENCES = re.compile(r"[.!?]\s+\w")
_NAME = re.compile(r"(?<=[\w,;:'’\"”)] )[\"“(]?(?!I\b)[A-Z]\w*|\b[A-Z]{2,}\b|\b\w+[A-Z]|\d{2}")
_WHO = re.compile(r"^\W*who(?:se)?\b", re.IGNORECASE)


def without_acknowledgement(message: str) -> str:
    """Drop "ok", "thanks", "wow, interesting" from the start of a message; "" when nothing follows."""
    found = _ACKNOWLEDGES.match(message)
    return message[found.end() :] if found else message


def has_content(message: str) -> bool:
    """Say whether a message names a topic: "Ok, tell me more" and "why?" do not."""
    return bool(set(content_words(without_acknowledgement(message))) - _CONTENTLESS)


def asks_alone(question: str) -> bool:
    """Say whether a question is an asking word alone, such as "why?" or "and how so?"."""
    return _ASKING_WORD_ALONE.match(question) is not None


def asks_why(question: str) -> bool:
    """Say whether a question starts with "why" or the like."""
    return _WHY.match(question) is not None


def dependence(message: str) -> Dependence:
    """Say how surely a message depends on an earlier one.

    CERTAIN: an asking word alone ("why?"), a fragment ("And the Internet's?", "What about X?"), "I meant ...", a
    pronoun before which the question names nothing. POSSIBLE: a pronoun or "this theory" later in it, and, in a
    question without a proper name: "else", "another", "the same", an acknowledgement or "and" at the start, the
    speaker ("can I use it?"), several sentences, two topic words or fewer.
    """
    question = without_acknowledgement(message)
    if not words(question) and not asks_alone(question):
        return Dependence.NONE
    if any(pattern.search(question) for pattern in (_ASKING_WORD_ALONE, _ABOUT, _FRAGMENT, _OF_CONVERSATION)):
        return Dependence.CERTAIN
    topic = topic_words(question)
    pronouns = islice(_PRONOUN.finditer(question), _PRONOUNS)
    found = max((_of_pronoun(question, pronoun) for pronoun in pronouns), default=Dependence.NONE)
    if found is not Dependence.NONE:
        return found
    if _DEMONSTRATIVE.search(question):
        return Dependence.POSSIBLE
    weak = (_CONTINUES, _BY_CONTRAST, _SELF, _SENTENCES)
    few = len(topic) <= _FEW and not _OF_LIBRARY.search(question)
    leaves_out = question != message or few or any(pattern.search(question) for pattern in weak)
    return Dependence.POSSIBLE if leaves_out and not _NAME.search(question) else Dependence.NONE


def _of_pronoun(question: str, pronoun: re.Match[str]) -> Dependence:
    """Judge a pronoun by what the question names before it, which may be what it stands for."""
    if _IMPERSONAL.match(question, pronoun.start()):
        return Dependence.NONE
    before, after = question[: pronoun.start()], question[pronoun.end() :]
    said = set(content_words(before))
    named = _NAME.search(before) is not None
    specific = len(content_words(after)) >= _SPECIFIC
    if not said:
        impersonal = pronoun[0].lower() in ("it", "they", "their") and (specific or _NAME.search(after))
        return Dependence.POSSIBLE if impersonal else Dependence.CERTAIN
    if len(said) == 1 and not (named or specific or _WHO.match(question)):
        return Dependence.CERTAIN
    return Dependence.NONE if named else Dependence.POSSIBLE
