"""Takes sentences apart into words, and notes what each is taken for: a name, a number, a date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOKEN = re.compile(r"\w+")

NAME, NUMBER, DATE = 1, 2, 4
_MONTHS = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "century",
        "centuries",
        "decade",
    ]
)
_NUMBER_WORDS = frozenset(
    [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "hundred",
        "thousand",
        "million",
        "billion",
        "half",
        "dozen",
        "third",
        "quarter",
    ]
)
_YEAR = re.compile(r"1?\d{3}s?|20\d\ds?")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of all sentences, one after the other.

    Every sentence begins with word 0, which is no word: so no sentence is empty and no pair crosses a boundary.
    """

    words: tuple[str, ...]
    """Every distinct word, lower case; the first is the empty word."""
    ids: NDArray[np.int32]
    """Index into `words`, in the order of the text."""
    kinds: NDArray[np.uint8]
    """What a word is taken for: bits NAME, NUMBER, DATE."""
    starts: NDArray[np.int64]
    """Where each sentence begins in `ids`, and one more for the end: [sentences + 1]."""


def tokenize(sentences: Sequence[str]) -> Tokens:
    """Take sentences apart into words and note what each is taken for."""
    known: dict[str, int] = {"": 0}
    ids: list[int] = []
    kinds: list[int] = []
    starts = [0]
    for sentence in sentences:
        ids.append(0)
        kinds.append(0)
        for position, token in enumerate(TOKEN.findall(sentence)):
            word = token.lower()
            ids.append(known.setdefault(word, len(known)))
            kinds.append(_kinds(token, word, position))
        starts.append(len(ids))
    return Tokens(tuple(known), np.array(ids, np.int32), np.array(kinds, np.uint8), np.array(starts, np.int64))


def _kinds(token: str, word: str, position: int) -> int:
    kinds = NAME if position and token[0].isupper() and len(token) > 1 and not token.isupper() else 0
    if token[0].isdigit():
        kinds |= NUMBER | (DATE if _YEAR.fullmatch(word) else 0)
    if word in _MONTHS:
        kinds |= DATE
    if word in _NUMBER_WORDS:
        kinds |= NUMBER
    return kinds
