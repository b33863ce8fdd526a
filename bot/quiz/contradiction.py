"""Notices when an answer has the words of a key sentence but says the reverse: negated, or with the sides swapped."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.lexical import STOP_WORDS, all_words, stem
from index.question import comparison_in

_CLAUSE_END = re.compile(r"[.;:!?\n]+(?=\s|$)|,|\b(?:but|while|whereas)\b", re.IGNORECASE)
_TOKEN = re.compile(r"\w+(?:['’]\w+)?")
_NEGATION = re.compile(r"not|no|never|none|neither|nor|nothing|cannot|without|\w+n['’]t", re.IGNORECASE)
# After these a side is only what another is held against: "not an end in itself like the Internet".
_HELD_AGAINST = frozenset(["like", "unlike", "than", "from", "with", "as", "to"])
_FEWEST = 2  # reversed words that make a reversal,
_OF_ANSWER = 0.4  # as this share of the answer's words does
_MOST = 0.5  # share of the words told apart that may be reversed


@dataclass(frozen=True, slots=True)
class _Claim:
    """Of which side a word is said, if any, and whether it is denied."""

    side: int | None
    denied: bool


def contradicts(question: str, reference: str, answer: str) -> bool:
    """Say whether most of the words that two texts share are said of the other side, or denied in only one.

    In a comparison, what is denied of one side counts as said of the other.
    """
    sides = _sides(question)
    wanted, given = _claims(reference, sides), _claims(answer, sides)
    shared = [word for word in wanted if word in given and len(wanted[word]) == len(given[word]) == 1]
    reversals = [_reversed(*wanted[word], *given[word]) for word in shared]
    enough = max(_FEWEST, _OF_ANSWER * len(given))
    return sum(reversals) >= enough and sum(reversals) > _MOST * len(reversals)


def _reversed(a: _Claim, b: _Claim) -> bool:
    if a.side is None or b.side is None:
        return a.denied != b.denied
    return (a.side != b.side) != (a.denied != b.denied)


def _sides(question: str) -> tuple[frozenset[str], ...]:
    """Give the stems that name each of the two sides a question compares, those of both left out."""
    found = comparison_in(question)
    if found is None:
        return ()
    first, second = (
        frozenset(stem(word) for word in all_words(thing) if word not in STOP_WORDS)
        for thing in (found.first, found.second)
    )
    return (first - second, second - first)


def _claims(text: str, sides: tuple[frozenset[str], ...]) -> dict[str, set[_Claim]]:
    """Give for each stem all that is claimed with it; a side holds until another is named."""
    claims: dict[str, set[_Claim]] = {}
    side: int | None = None
    for clause in _CLAUSE_END.split(text):
        tokens = [token.lower() for token in _TOKEN.findall(clause)]
        denied, before = any(map(_NEGATION.fullmatch, tokens)), ""
        for word in tokens:
            if (named := _named(stem(word), sides)) is not None:
                side = side if before in _HELD_AGAINST else named
            elif word not in STOP_WORDS and not _NEGATION.fullmatch(word):
                claims.setdefault(stem(word), set()).add(_Claim(side, denied))
            before = before if word in ("the", "a", "an") else word
    return claims


def _named(word: str, sides: tuple[frozenset[str], ...]) -> int | None:
    return next((number for number, names in enumerate(sides) if word in names), None)
