"""Detects answers in the words of a reference that state something else: opposites, numbers, direction, word order."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.quiz.contradiction import MISSPELT
from bot.quiz.likeness import FUNCTION_WORDS
from index.answering.polarity import NEGATION, clauses, listed_opposites, opposites
from index.text.words import STOP_WORDS, all_words, stem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_COUNT = re.compile(r"\d+(?:[.,]\d+)*")
# Without "one": it is mostly a pronoun.
_COUNT_WORDS = {
    word: str(value)
    for value, word in enumerate(all_words("two three four five six seven eight nine ten eleven twelve"), start=2)
}
_CLAUSE_SHARE = 0.3  # of an answer's clause that a clause of the reference says, with or without opposites
# Words that say nothing about the direction between their neighbours.
_LINKS = frozenset(map(stem, all_words("a an and are as be in is of or that the to was were with")))
_FEWEST_WORDS = 6  # of an answer whose order is looked at
_BORROWED, _IN_ORDER = 0.8, 0.4  # share of words from the reference; least share of neighbours that are so there
# An answer is a copy with changes from this share of words in runs of so many; a change has at most so many words.
_COPIED, _RUN, _CHANGE = 0.6, 2, 3


def alters(question: str, reference: str, answer: str) -> bool:
    """Return whether an answer differs from the reference in what its words, one by one, do not show.

    It may still be right, so it is only kept from being called so. "Clay forgets." alters "Clay remembers.", as do
    "Clay does not remember." and "Glass before clay." for "Clay before glass.".
    """
    if _counts(reference) - _counts(answer) and _counts(answer) - _counts(reference) - _counts(question):
        return True
    if _negated(answer) > max(_negated(reference), _negated(question)) or _opposed(reference, answer):
        return True
    wanted, given = ([stem(word) for word in all_words(text)] for text in (reference, answer))
    return _redirected(wanted, given) or _shuffled(wanted, given) or _changed(wanted, given)


def _counts(text: str) -> set[str]:
    return {*_COUNT.findall(text), *(_COUNT_WORDS[word] for word in all_words(text) if word in _COUNT_WORDS)}


def _negated(text: str) -> bool:
    return any(negations for negations, _ in _claims(text))


def _claims(text: str) -> Iterator[tuple[int, set[str]]]:
    """Yield for each clause the number of its negations and the stems of its content words."""
    for tokens in clauses(text):
        said = {stem(word) for word in tokens if word not in FUNCTION_WORDS or stem(word) in listed_opposites()}
        yield sum(map(bool, map(NEGATION.fullmatch, tokens))), said


def _opposed(reference: str, answer: str) -> bool:
    """Return whether a clause of the answer is nearest to one of the reference with the opposite polarity.

    Negations and opposites change it, two of them not: "low if long" has the polarity of "high if short".
    """
    wanted = list(_claims(reference))
    for negations, said in _claims(answer):
        nearest = [0, 0]
        for others, theirs in wanted:
            if shared := len(said & theirs):
                turned = sum(not opposites(word).isdisjoint(theirs - said) for word in said - theirs)
                different = (negations + others + turned) % 2
                nearest[different] = max(nearest[different], shared + turned)
        if nearest[1] > nearest[0] and nearest[1] >= _CLAUSE_SHARE * len(said):
            return True
    return False


def _redirected(wanted: Sequence[str], given: Sequence[str]) -> bool:
    """Return whether "x before y" of the reference stands as "y before x" in the answer, and neither is passive."""
    if ("by" in wanted) != ("by" in given):
        return False
    shared = {word for word in set(wanted) & set(given) if wanted.count(word) == given.count(word) == 1} - _LINKS
    windows = set(_windows([word for word in wanted if word in shared]))
    return any(
        (last, *between, first) in windows for first, *between, last in _windows([w for w in given if w in shared])
    )


def _windows(stems: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield each run of 3 to 5 stems between two that may be exchanged."""
    for size in range(3, 6):
        for first in range(len(stems) - size + 1):
            if not {stems[first], stems[first + size - 1]} & STOP_WORDS:
                yield tuple(stems[first : first + size])


def _shuffled(wanted: Sequence[str], given: Sequence[str]) -> bool:
    """Return whether an answer takes its words from the reference and few of them in its order."""
    if len(given) < _FEWEST_WORDS or sum(word in set(wanted) for word in given) < _BORROWED * len(given):
        return False
    neighbours = set(pairwise(wanted))
    return sum(pair in neighbours for pair in pairwise(given)) < _IN_ORDER * (len(given) - 1)


def _changed(wanted: Sequence[str], given: Sequence[str]) -> bool:
    """Return whether an answer is a copy but for a content word that gave way to another one."""
    if len(given) > 2 * len(wanted):
        return False
    copy = SequenceMatcher(None, wanted, given, autojunk=False)
    copied = sum(block.size for block in copy.get_matching_blocks() if block.size >= _RUN)
    changes = [(wanted[a:b], given[c:d]) for kind, a, b, c, d in copy.get_opcodes() if kind == "replace"]
    return copied >= _COPIED * len(given) and any(
        _another(before, after, wanted, given) for before, after in changes if max(len(before), len(after)) <= _CHANGE
    )


def _another(before: Sequence[str], after: Sequence[str], wanted: Sequence[str], given: Sequence[str]) -> bool:
    lost = [word for word in before if word not in FUNCTION_WORDS and word not in given]
    new = [word for word in after if word not in FUNCTION_WORDS and word not in wanted]
    return bool(lost) and any(not any(_misspelt(word, other) for other in lost) for word in new)


def _misspelt(word: str, other: str) -> bool:
    return SequenceMatcher(None, word, other).ratio() >= MISSPELT
