"""Keeps what each word means in its sentence, one byte a number, and says how near a question's words come to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SCALE = 254.0  # numbers of a unit row of hundreds of columns hardly ever exceed one half


def packed(rows: NDArray[np.float32]) -> NDArray[np.int8]:
    """Store unit rows [words, dim] as one byte a number."""
    return np.asarray(np.clip(np.rint(rows * _SCALE), -127, 127), np.int8)


class Contexts:
    """The rows of all words of a library, each word read in its sentence."""

    def __init__(
        self, rows: NDArray[np.int8], token_starts: NDArray[np.int64], sentence_starts: NDArray[np.int64]
    ) -> None:
        """Take packed rows parallel to the tokens [tokens, dim], and where sentences and passages begin."""
        self._rows = np.asarray(rows)  # a plain view of a mapped file: slices of a memmap cost more than they read
        self._token_starts = token_starts
        self._sentence_starts = sentence_starts

    def nearest(self, words: NDArray[np.float32], passages: NDArray[np.int64]) -> NDArray[np.float32]:
        """Give the cosine of each of a question's words with the nearest word of each sentence: [sentences, words].

        Passage by passage: their rows lie together in the file, and fit the processor's cache.
        """
        columns = np.ascontiguousarray(words.T) / np.float32(_SCALE)
        found = []
        for passage in passages:
            first, last = self._sentence_starts[passage : passage + 2]
            starts = self._token_starts[first : last + 1]
            rows = self._rows[starts[0] : starts[-1]].astype(np.float32)
            found.append(np.maximum.reduceat(rows @ columns, starts[:-1] - starts[0], axis=0))
        return np.concatenate(found)
