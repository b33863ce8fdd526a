"""Caches vectors, so that drafting and the check of the drafts encode each text once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from index.models.encoder import Encoder, InContext


class CachingEncoder:
    """An encoder that keeps the vectors of all documents and queries it was given."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._documents: dict[str, NDArray[np.float32]] = {}
        self._queries: dict[str, NDArray[np.float32]] = {}
        self.name, self.fingerprint, self.dimension = encoder.name, encoder.fingerprint, encoder.dimension
        self.languages, self.cross_encoder = encoder.languages, encoder.cross_encoder

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return the rows of texts, float32 [n, dim]; only new texts are encoded."""
        return self._rows(texts, self._documents, lambda new: self._encoder.encode_documents(new, progress))

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the rows of questions, float32 [n, dim]; only new questions are encoded."""
        return self._rows(texts, self._queries, self._encoder.encode_queries)

    def encode_in_context(
        self, texts: Sequence[str], *, asked: bool = False, progress: Callable[[int], None] | None = None
    ) -> list[InContext]:
        """Encode words in context, without the cache."""
        return self._encoder.encode_in_context(texts, asked=asked, progress=progress)

    def encode_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Look up the rows of words, without the cache."""
        return self._encoder.encode_words(words)

    def _rows(
        self,
        texts: Sequence[str],
        known: dict[str, NDArray[np.float32]],
        encode: Callable[[Sequence[str]], NDArray[np.float32]],
    ) -> NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, encode(new), strict=True))
        return np.stack([known[text] for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)
