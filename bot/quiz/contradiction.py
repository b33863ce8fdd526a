"""Detects answers with the words of a key sentence and the reverse meaning: negated, or with the sides exchanged."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from index.answering.polarity import NEGATION, clauses
from index.answering.question import comparison_in
from index.text.words import STOP_WORDS, all_words, stem, words

# After these a side is only compared with: "not an end in itself like the Internet".
_HELD_AGAINST = frozenset(["like", "unlike", "than", "from", "with", "as", "to"])
_FEWEST = 2  # reversed words that make a reversal,
_OF_ANSWER = 0.4  # as this share of the answer's words does
_LONGEST_COPY = 200  # words of an answer that is still held to be a copy
_COPIED = 0.8  # share of its words from which an answer is a copy, of the whole or of a part
MISSPELT = 0.6
"""Likeness of two words from which one may be the other misspelt."""
_MOST = 0.5  # share of the words told apart that may be reversed


@dataclass(frozen=True, slots=True)
class _Claim:
    """The side that a word is said of, if any, and whether it is negated."""

    side: int | None
    denied: bool


def contradicts(question: str, reference: str, answer: str) -> bool:
    """Return whether an answer says most words that it shares with the reference of the other side, or negates them.

    In a comparison, what is denied of one side counts as said of the other. A copy with two names exchanged also
    contradicts: "Glass remembers and clay forgets." for "Clay remembers and glass forgets."
    """
    sides = _sides(question)
    wanted, given = _claims(reference, sides), _claims(answer, sides)
    shared = [word for word in wanted if word in given and len(wanted[word]) == len(given[word]) == 1]
    reversals = [_reversed(*wanted[word], *given[word]) for word in shared]
    enough = max(_FEWEST, _OF_ANSWER * len(given))
    reverse = sum(reversals) >= enough and sum(reversals) > _MOST * len(reversals)
    return reverse or _exchanged(question, reference, answer)


def _exchanged(question: str, reference: str, answer: str) -> bool:
    """Return whether an answer is a copy with two words exchanged, or with another name for one in the question."""
    wanted, given = ([stem(word) for word in all_words(text)] for text in (reference, answer))
    if len(given) > 2 * len(wanted) or len(given) > _LONGEST_COPY:
        return False
    copy = SequenceMatcher(None, wanted, given, autojunk=False)
    changes = {(tuple(wanted[a:b]), tuple(given[c:d])) for kind, a, b, c, d in copy.get_opcodes() if kind == "replace"}
    if any((after, before) in changes for before, after in changes):
        return True
    asked = {stem(word) for word in words(question)}
    renamed = any(_renamed(before, after, asked - set(given)) for before, after in changes)
    copied = sum(block.size for block in copy.get_matching_blocks())
    return renamed and copied >= _COPIED * len(given)


def _renamed(before: tuple[str, ...], after: tuple[str, ...], unnamed: set[str]) -> bool:
    """Return whether one word of the question was replaced by another one that is no misspelling of it."""
    if len(before) != 1 or len(after) != 1 or before[0] not in unnamed or after[0] in STOP_WORDS:
        return False
    return SequenceMatcher(None, before[0], after[0]).ratio() < MISSPELT


def _reversed(a: _Claim, b: _Claim) -> bool:
    if a.side is None or b.side is None:
        return a.denied != b.denied
    return (a.side != b.side) != (a.denied != b.denied)


def _sides(question: str) -> tuple[frozenset[str], ...]:
    """Return the stems of each of the two sides that a question compares, without those of both."""
    found = comparison_in(question)
    if found is None:
        return ()
    first, second = (
        frozenset(stem(word) for word in all_words(thing) if word not in STOP_WORDS)
        for thing in (found.first, found.second)
    )
    return (first - second, second - first)


def _claims(text: str, sides: tuple[frozenset[str], ...]) -> dict[str, set[_Claim]]:
    """Return the claims of each stem; a side holds until another is named."""
    claims: dict[str, set[_Claim]] = {}
    side: int | None = None
    for tokens in clauses(text):
        denied, before = any(map(NEGATION.fullmatch, tokens)), ""
        for word in tokens:
            if (named := _named(stem(word), sides)) is not None:
                side = side if before in _HELD_AGAINST else named
            elif word not in STOP_WORDS and not NEGATION.fullmatch(word):
                claims.setdefault(stem(word), set()).add(_Claim(side, denied))
            before = before if word in ("the", "a", "an") else word
    return claims


def _named(word: str, sides: tuple[frozenset[str], ...]) -> int | None:
    return next((number for number, names in enumerate(sides) if word in names), None)
