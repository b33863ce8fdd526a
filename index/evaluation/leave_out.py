"""Shows a generation as if some of its passages were not in it, without building another."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np

from index.indexes.bm25 import Bm25Index
from index.indexes.vectors import VectorIndex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from index.generations.generation import Generation


def without(generation: Generation, hidden: NDArray[np.bool_]) -> Generation:
    """Give a view in which no sentence of the hidden passages is found and no word of theirs alone is known.

    Numbers of sentences and passages stay as they are. How rare a word is among the passages is still counted over
    all of them.
    """
    passages = ~hidden
    sentences = passages[generation.passage_of]
    view = copy.copy(generation)
    view.passage_vectors = _Vectors(generation.passage_vectors, passages)
    view.sentence_vectors = _Vectors(generation.sentence_vectors, sentences)
    view.passage_words = _Words(generation.passage_words, passages)
    view.sentence_words = _Words(generation.sentence_words, sentences)
    view.lexical_overlap = generation.lexical_overlap.within(np.flatnonzero(sentences))
    return view


class _Vectors(VectorIndex):
    def __init__(self, index: VectorIndex, kept: NDArray[np.bool_]) -> None:
        self.vectors = index.vectors
        self._kept = kept

    def search(self, queries: NDArray[np.float32], count: int) -> list[NDArray[np.int64]]:
        """Compare every row: a trained index cannot say what is left of what it proposes."""
        count = min(count, int(self._kept.sum()))
        if count == 0:
            return [np.zeros(0, np.int64) for _ in queries]
        cosine_similarity = np.where(self._kept, queries @ self.vectors.T, -np.inf)
        rows = np.argpartition(-cosine_similarity, count - 1, axis=1)[:, :count]
        return [row[np.argsort(-found[row], kind="stable")] for row, found in zip(rows, cosine_similarity, strict=True)]


class _Words(Bm25Index):
    def __init__(self, index: Bm25Index, kept: NDArray[np.bool_]) -> None:
        self._index = index
        self._kept = kept

    def scores(self, question: Iterable[str]) -> NDArray[np.float32]:
        return self._index.scores(question) * self._kept
