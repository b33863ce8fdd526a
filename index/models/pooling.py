"""Batches of texts of similar length, vectors of unit length, and vectors of words from those of their tokens."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from index.text.tokens import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

TokenRows: TypeAlias = "tuple[NDArray[np.float32], NDArray[np.int64]]"
"""The tokens of one text: rows [tokens, dim], and where each ends in the text, in code points [tokens]."""

BATCH = 32  # texts
_BATCH_CHARACTERS = 8_000  # with padding: a few long texts take as long as many short ones, and stall the cache more


def batches(
    texts: Sequence[str], progress: Callable[[int], None] | None = None, most: int = BATCH
) -> Iterator[list[int]]:
    """Yield the indices of texts in batches, the longest texts first, so that little is spent on padding.

    A batch holds at most `most` texts, padded to 8,000 characters in sum, or one text. `progress` is called with the
    size of each batch once the next one is asked for. Texts of 9,000, 2 and 3,000 characters give [0], [2, 1].
    """
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    while order:
        count = max(1, min(most, _BATCH_CHARACTERS // max(1, len(texts[order[0]]))))
        batch, order = order[:count], order[count:]
        yield batch
        if progress is not None:
            progress(len(batch))


def unit(rows: Any) -> NDArray[np.float32]:
    """Bring rows [n, dim] to unit length; zeros stay zeros."""
    matrix = np.asarray(rows, dtype=np.float32)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.maximum(lengths, 1e-12), dtype=np.float32)


def input_embeddings(model: Any) -> NDArray[np.float32] | None:
    """Give the table of input embeddings, [vocabulary, dim], without a copy; None where the model has none."""
    try:
        table: NDArray[np.float32] = model[0].auto_model.get_input_embeddings().weight.detach().float().numpy()
    except (AttributeError, NotImplementedError, IndexError):
        return None
    return table


class WordTable:
    """A model's input embeddings, [vocabulary, dim], never copied: they are half the size of some models."""

    def __init__(self, table: NDArray[np.float32]) -> None:
        """Take the embeddings as they lie in memory or in a file."""
        self._table = table

    @cached_property
    def _centre(self) -> NDArray[np.float32]:
        return np.asarray(self._table.mean(axis=0))

    def rows(self, words: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Average the embeddings of each word's tokens, less the mean of the table: unit rows [words, dim]."""
        return unit(np.stack([self._table[ids or [0]].mean(axis=0) - self._centre for ids in words]))


def rows_of_words(text: str, token_rows: NDArray[np.float32], ends: NDArray[np.int64]) -> NDArray[np.float32]:
    """Average the rows of a text's tokens over each of its words: unit rows [words, dim], zeros without a token.

    In "unbelievable tide" with tokens that end at 2, 12 and 17, the first word averages the first two.
    """
    spans = np.array([match.span() for match in TOKEN.finditer(text)], np.int64).reshape(-1, 2)
    word = np.searchsorted(spans[:, 0], ends - 1, side="right") - 1
    of_word = (np.arange(len(spans))[:, None] == word) & (ends <= spans[:, 1:])
    return unit(of_word.astype(np.float32) @ token_rows)
