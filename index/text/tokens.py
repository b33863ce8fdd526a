"""Splits sentences into words and classifies each as a name, a number or a date, as overlap and ranking need them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from index.text.lexicon import ENGLISH, lexicon

TOKEN = re.compile(r"\w+")

NAME, NUMBER, DATE = 1, 2, 4
_YEAR = re.compile(r"1?\d{3}s?|20\d\ds?")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of all sentences, one after the other.

    Every sentence begins with word 0, the empty word: so no sentence is empty and no pair crosses a boundary.
    """

    words: tuple[str, ...]
    """Every distinct word, lower case; the first is the empty word."""
    ids: NDArray[np.int32]
    """Index into `words`, in the order of the text: [tokens]."""
    kinds: NDArray[np.uint8]
    """Bits NAME, NUMBER and DATE of each token: [tokens]."""
    starts: NDArray[np.int64]
    """Where each sentence begins in `ids`, and one more for the end: [sentences + 1]."""


def tokenize(sentences: Sequence[str], languages: Iterable[str] = repeat(ENGLISH)) -> Tokens:
    """Split sentences into words and classify each by the language of its sentence.

    ["It fell.", "In 1712 it rose."] gives words ("", "it", "fell", "in", "1712", "rose"), ids [0 1 2 0 3 4 1 5],
    kinds NUMBER | DATE for "1712" and 0 for the others, starts [0 3 8].
    """
    known: dict[str, int] = {"": 0}
    ids: list[int] = []
    kinds: list[int] = []
    starts = [0]
    for sentence, language in zip(sentences, languages, strict=False):
        ids.append(0)
        kinds.append(0)
        for position, token in enumerate(TOKEN.findall(sentence)):
            word = token.lower()
            ids.append(known.setdefault(word, len(known)))
            kinds.append(_kinds(token, word, position, language))
        starts.append(len(ids))
    return Tokens(tuple(known), np.array(ids, np.int32), np.array(kinds, np.uint8), np.array(starts, np.int64))


def _kinds(token: str, word: str, position: int, language: str) -> int:
    kinds = NAME if position and token[0].isupper() and len(token) > 1 and not token.isupper() else 0
    if token[0].isdigit():
        kinds |= NUMBER | (DATE if _YEAR.fullmatch(word) else 0)
    return kinds | _listed(language).get(word, 0)


@cache
def _listed(language: str) -> dict[str, int]:
    """Return the bits of the words for dates and numbers of a language."""
    own = lexicon(language)
    numbers = dict.fromkeys(own.numerals or own.numbers, NUMBER)
    return numbers | {word: DATE | numbers.get(word, 0) for word in own.dates}
