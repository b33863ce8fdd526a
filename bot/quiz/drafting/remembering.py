"""Keeps what was encoded, so that drafting and the check of what was drafted encode each text once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from index.models.encoder import Encoder, InContext


class Remembering:
    """An encoder that answers from memory what it was asked before."""

    def __init__(self, encoder: Encoder) -> None:
        """Take the encoder that is asked what is new."""
        self._encoder = encoder
        self._documents: dict[str, NDArray[np.float32]] = {}
        self._queries: dict[str, NDArray[np.float32]] = {}

    @property
    def name(self) -> str:
        """Name the model as the encoder does."""
        return self._encoder.name

    @property
    def fingerprint(self) -> str:
        """Tell this model's weights from all others."""
        return self._encoder.fingerprint

    @property
    def dimension(self) -> int:
        """Count the columns of every row."""
        return self._encoder.dimension

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Encode the texts that are new: float32 [n, dim]."""
        new = [text for text in dict.fromkeys(texts) if text not in self._documents]
        self._documents.update(zip(new, self._encoder.encode_documents(new, progress), strict=True))
        return self._stacked([self._documents[text] for text in texts])

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode the questions that are new: float32 [n, dim]."""
        new = [text for text in dict.fromkeys(texts) if text not in self._queries]
        self._queries.update(zip(new, self._encoder.encode_queries(new), strict=True))
        return self._stacked([self._queries[text] for text in texts])

    def encode_in_context(
        self, texts: Sequence[str], *, asked: bool = False, progress: Callable[[int], None] | None = None
    ) -> list[InContext]:
        """Encode words in context, each time anew."""
        return self._encoder.encode_in_context(texts, asked=asked, progress=progress)

    def encode_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Look words up, each time anew."""
        return self._encoder.encode_words(words)

    def _stacked(self, rows: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.stack(rows) if rows else np.zeros((0, self.dimension), np.float32)
