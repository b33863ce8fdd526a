"""What any model's texts and rows go through: batches of like length, rows of unit length, one row for each word."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from index.text.tokens import TOKEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BATCH = 32
_BATCH_CHARACTERS = 8_000  # with padding: a few long texts take as long as many short ones, and more stall the cache


def batches(texts: Sequence[str]) -> list[list[int]]:
    """Number the texts in batches, texts of like length together, and fewer of them the longer they are."""
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    found: list[list[int]] = []
    while order:
        count = max(1, min(BATCH, _BATCH_CHARACTERS // max(1, len(texts[order[0]]))))
        found.append(order[:count])
        order = order[count:]
    return found


def unit(rows: Any) -> NDArray[np.float32]:
    """Bring rows [n, dim] to unit length; zeros stay zeros."""
    matrix = np.asarray(rows, dtype=np.float32)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.maximum(lengths, 1e-12), dtype=np.float32)


class WordTable:
    """A model's input embeddings, looked at where they lie: a copy of them would be half of some models."""

    def __init__(self, table: NDArray[np.float32]) -> None:
        """Take the table [vocabulary, dim]."""
        self._table = table

    @cached_property
    def _centre(self) -> NDArray[np.float32]:
        return np.asarray(self._table.mean(axis=0))

    def rows(self, words: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Average over each word's pieces, centred on the whole vocabulary: unit rows [words, dim]."""
        return unit(np.stack([self._table[ids or [0]].mean(axis=0) - self._centre for ids in words]))


def rows_of_words(text: str, pieces: NDArray[np.float32], ends: NDArray[np.int64]) -> NDArray[np.float32]:
    """Average the rows of a text's pieces over each of its words: unit rows [words, dim], zeros for a word unread.

    `pieces` are [pieces, dim]; `ends` [pieces] say where each ends, counted in code points of the text.
    """
    spans = np.array([match.span() for match in TOKEN.finditer(text)], np.int64).reshape(-1, 2)
    word = np.searchsorted(spans[:, 0], ends - 1, side="right") - 1
    of_word = (np.arange(len(spans))[:, None] == word) & (ends <= spans[:, 1:])
    return unit(of_word.astype(np.float32) @ pieces)
