"""Finds the subject that a sentence opens with, and the verb behind it, where both are clear."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.quiz.drafting.vocabulary import (
    ADVERBS,
    ALSO_NOUNS,
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    FUNCTION_WORDS,
    GENERAL_ADJECTIVES,
    GENERAL_NOUNS,
    IRREGULAR_PASTS,
    PREPOSITIONS,
    PRONOUNS,
)
from index.text.words import all_words

BARE = "bare"  # an infinitive without "to": "... must pay the toll"
VERB = "verb"  # a verb in the third person: "the lock ... keeps the water out"
PAST = "past"  # a verb in the past: "the pilot ... closed the lock"
ONE, MANY, ANY = "one", "many", "any"  # a subject, by the number that its verb shows: "the lock", "the locks"

_TOKEN = re.compile(r"[\w'\u2019-]+|[^\w\s]")
_MOST_SUBJECT = 12  # words of a subject and what qualifies it
_NO_SUBJECT = (AUXILIARIES | PRONOUNS | frozenset(all_words("that which who if when because to than as"))) - frozenset(
    all_words("his her its our your their one")
)
_NUMBERS = dict.fromkeys(("is", "was", "has", "does"), ONE) | dict.fromkeys(("are", "were", "have", "do"), MANY)
_NUMBERS |= dict.fromkeys(all_words("can could may might must shall should will would cannot"), ANY)
_NO_OPENING = frozenset(
    all_words(
        "this these that those such another other others here there what which whoever whatever wherever whenever"
        " however"
    )
)
_FEW_WORDS = 3
_SUBJECT_LENGTHS = range(12, 91)  # characters
_AMBIGUOUS = frozenset(all_words("cut hit let put read led cost means makes takes gives seems left set ran saw felt"))
_MAY_TRAIL = frozenset(
    all_words(
        "so her in on up over about through by one all any some few many each most least before after be do can are is"
        " was were has have will did does"
    )
)
TRAILING = (PREPOSITIONS | CONJUNCTIONS | DETERMINERS | AUXILIARIES) - _MAY_TRAIL


def predicate(text: str, lead: int, verbs: frozenset[str]) -> tuple[str, int] | None:
    """Return the form and offset of the verb behind a sentence's subject; None where it is not clear.

    "The northern mole keeps the storms out." -> "verb", the offset of "keeps"
    """
    before = ""
    for found in list(_TOKEN.finditer(text, lead))[:_MOST_SUBJECT]:
        word = found[0]
        if word.casefold() in _NO_SUBJECT or not word[0].isalnum():
            return None
        if before and (form := finite_form(word, verbs)):
            return form, found.start()
        if word in verbs and len(before) > 3 and before.endswith("s") and before.islower():
            return BARE, found.start()
        before = word
    return None


def subject(text: str, lead: int, verbs: frozenset[str]) -> tuple[str, int] | None:
    """Return the form and the end of the subject that a sentence opens with; None where it is not clear.

    "The northern mole keeps the storms out." -> "one", the end of "mole"
    """
    words: list[str] = []
    for found in list(_TOKEN.finditer(text, lead))[: _MOST_SUBJECT + 1]:
        word = found[0]
        form = _NUMBERS.get(word) or ({VERB: ONE, PAST: ANY}.get(finite_form(word, verbs), "") if words else "")
        if form and (word in _NUMBERS or _next_word(text, found.end()) not in _NUMBERS):  # "feudal states are"
            end = len(text[: found.start()].rstrip())
            is_subject = len(text[lead:end]) in _SUBJECT_LENGTHS and _opens_subject(words[0]) and _content(words) > 1
            return (form, end) if is_subject and not _is_cut_short(words) else None
        if not word[0].isalnum() or word == "I" or (words and word in _NO_SUBJECT):
            return None
        if words and word in DETERMINERS and words[-1] not in PREPOSITIONS | CONJUNCTIONS | DETERMINERS:
            return None  # "the service a man takes"
        words.append(word)
    return None


def _opens_subject(word: str) -> bool:
    return word.casefold() not in (FUNCTION_WORDS - DETERMINERS) | _NO_OPENING


def _is_cut_short(words: Sequence[str]) -> bool:
    last = words[-1].casefold()
    if last in GENERAL_NOUNS and len(words) <= _FEW_WORDS:  # "a good example"
        return True
    return last in TRAILING | ADVERBS | GENERAL_ADJECTIVES or words[0].endswith("ly") or last.endswith("ly")


def _next_word(text: str, start: int) -> str:
    found = _TOKEN.search(text, start)
    return found[0] if found else ""


def _content(words: Iterable[str]) -> int:
    return sum(word.casefold() not in FUNCTION_WORDS for word in words)


def finite_form(word: str, verbs: frozenset[str]) -> str:
    """Return VERB or PAST for a verb that cannot well be a noun, else an empty string."""
    if (
        word.endswith("s")
        and word not in ALSO_NOUNS
        and (word[:-1] in verbs or (word.endswith("es") and word[:-2] in verbs))
        and word not in FUNCTION_WORDS
    ):
        return VERB
    return PAST if word in IRREGULAR_PASTS - _AMBIGUOUS else ""
