"""Drafts questions about sentences that contrast two things: which of them is which."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.quiz.drafting.concordance import folded
from bot.quiz.drafting.drafts import name_of
from bot.quiz.drafting.vocabulary import AUXILIARIES, FUNCTION_WORDS, IRREGULAR_PASTS, PREPOSITIONS, PRONOUNS
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.quiz.drafting.concordance import Concordance, Statement

_WORTH = 0.8
_LONGEST = 200  # characters of a sentence
_MOST_WORDS = 6  # of a side
_SHORTEST, _LONGEST_SIDE = 4, 60  # characters
# The subjects of `one` and `two` are exchanged.
_CLAUSES = (
    re.compile(r"(?P<head>While |Whereas )(?P<one>[^,;:()]+), (?P<two>[^,;:()]+)\."),
    re.compile(r"(?P<head>)(?P<one>[^,;:()]+),? (?P<joint>whereas|while) (?P<two>[^,;:()]+)\."),
)
_UNLIKE = re.compile(r"(?P<joint>Unlike |In contrast to )(?P<one>[^,;:()]+), (?P<two>[^,;:()]+)")
# "not X but Y", "X rather than Y": the sides are phrases of one form, see _phrases.
_CORRECTED = re.compile(
    r"\bnot (?!only |merely |just |simply )(?P<one>[^,;:()]{4,60}?),? but (?!also |rather )"
    r"(?P<two>[^,;:()]{4,60}?)[.;,]"
)
_PREFERRED = re.compile(r"(?P<one>[^,;:()]{4,90}?),? (?:rather than|instead of) (?P<two>[^,;:()]{4,60}?)[.;,]")
_COPULA = re.compile(r"\b(?:is|are|was|were|be) not \Z")
_OPENING = PREPOSITIONS | {"there", "if"}
_PLURAL = re.compile(r"(?:are|were|have|do)\Z")
_SINGULAR = re.compile(r"(?:is|was|has|does)\Z")


@dataclass(frozen=True, slots=True)
class ContrastCandidate:
    """A sentence, its two sides and the same sentence with the sides exchanged."""

    statement: Statement
    one: str
    two: str
    exchanged: str
    score: float = _WORTH


def contrast_candidates(statements: Iterable[Statement], concordance: Concordance) -> Iterator[ContrastCandidate]:
    """Find sentences with two clear sides that become false when the sides are exchanged.

    "While stone mills were grinding barley, paper mills were pressing rags." -> the sides "stone mills" and "paper
    mills", and "While paper mills were grinding barley, stone mills were pressing rags."
    """
    for statement in statements:
        found = _cut(statement.text) or _phrases(statement.text)
        if found is None:
            continue
        one, two = (statement.text[start:end] for start, end in found)
        exchanged = _exchanged(statement.text, *found)
        if len(exchanged) <= _LONGEST and folded(exchanged) not in concordance.whole:
            yield ContrastCandidate(statement, one, two, exchanged)


def contrast_row(candidate: ContrastCandidate, concordance: Concordance) -> dict[str, Any]:
    """Return a contrast as a row of the bank: the author's sentence or the one with its sides exchanged."""
    title = name_of(concordance.documents[candidate.statement.document])
    sides = sorted((_small(candidate.one), _small(candidate.two)), key=str.casefold)
    return {
        "kind": "choice",
        "question": words("quiz.draft.contrast", title=title, one=sides[0], two=sides[1]),
        "right": candidate.statement.text,
        "wrong": [candidate.exchanged],
        "quote": candidate.statement.text,
    }


def _cut(text: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return the spans of the two sides; None when the sentence contrasts nothing."""
    if len(text) > _LONGEST or "\n" in text:
        return None
    for pattern in _CLAUSES:
        if (found := pattern.fullmatch(text)) is None:
            continue
        one, two = _subject(found["one"]), _subject(found["two"])
        # "While the storm lasted" is time; "while the one was" sets against each other.
        if one and two and {one[1], two[1]} <= AUXILIARIES and _agree(one, two):
            start, other = found.start("one"), found.start("two")
            return (start, start + len(one[0])), (other, other + len(two[0]))
    if found := _UNLIKE.match(text):
        two = _subject(found["two"])
        if two and _is_side(found["one"]):
            other = found.start("two")
            return found.span("one"), (other, other + len(two[0]))
    return None


def _phrases(text: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return the spans of the two sides of "not X but Y" or "X rather than Y", which open with the same word."""
    if len(text) > _LONGEST or "\n" in text:
        return None
    for pattern in (_CORRECTED, _PREFERRED):
        if (found := pattern.search(text)) is None:
            continue
        start, end = found.span("one")
        first = found["two"].split()[0]
        if pattern is _PREFERRED:
            opening = text[start:end].rfind(f" {first} ")
            if opening < 0 or first not in FUNCTION_WORDS:
                continue
            start += opening + 1
        sides = (text[start:end], found["two"])
        one, two = map(_opening, sides)
        is_named = bool(_COPULA.search(text[:start]))
        fits = (one == two != "") or (is_named and not one and not two)
        if fits and all(len(each.split()) <= _MOST_WORDS + 3 and not _refers(each) for each in sides):
            return (start, end), found.span("two")
    return None


def _opening(side: str) -> str:
    """Return the function word that a side opens with, one for all articles; empty for any other word."""
    first = side.split()[0]
    return "a" if first in ("an", "the") else first if first in FUNCTION_WORDS else ""


def _refers(side: str) -> bool:
    return any(word in PRONOUNS for word in side.casefold().split())


def _subject(clause: str) -> tuple[str, str] | None:
    """Split a clause into its subject and verb; None when it is not clear where the subject ends."""
    tokens = clause.split(" ")
    for at, token in enumerate(tokens[: _MOST_WORDS + 1]):
        if token in AUXILIARIES or token in IRREGULAR_PASTS or (at and token.endswith("ed") and token.islower()):
            subject = " ".join(tokens[:at])
            return (subject, token) if _is_side(subject) else None
    return None


def _is_side(phrase: str) -> bool:
    """Return whether a phrase names something without the words around it."""
    tokens = phrase.split()
    if not tokens or not _SHORTEST <= len(phrase) <= _LONGEST_SIDE or len(tokens) > _MOST_WORDS:
        return False
    lower = [token.casefold() for token in tokens]
    if any(token in PRONOUNS for token in lower) or lower[0] in _OPENING or lower[-1] in FUNCTION_WORDS:
        return False
    return any(token not in FUNCTION_WORDS for token in lower)


def _agree(one: tuple[str, str], two: tuple[str, str]) -> bool:
    """Return whether the verbs agree with either subject: not one is plural and the other singular."""
    verbs = (one[1], two[1])
    return not (any(map(_PLURAL.match, verbs)) and any(map(_SINGULAR.match, verbs)))


def _exchanged(text: str, one: tuple[int, int], two: tuple[int, int]) -> str:
    first, second = text[slice(*one)], text[slice(*two)]
    if one[0] == 0:
        first, second = _small(first), second[0].upper() + second[1:]
    return text[: one[0]] + second + text[one[1] : two[0]] + first + text[two[1] :]


def _small(phrase: str) -> str:
    first = phrase.split()[0]
    return phrase[0].lower() + phrase[1:] if first.casefold() in FUNCTION_WORDS else phrase
