"""Keeps the vectors of the questions of one batch, so that each question is encoded once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from index.models.encoder import Encoder, InContext


class EncodedOnce:
    """An encoder that keeps the vectors of the questions it was given."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._read: dict[str, InContext] = {}
        self.name, self.fingerprint, self.dimension = encoder.name, encoder.fingerprint, encoder.dimension
        self.languages, self.cross_encoder = encoder.languages, encoder.cross_encoder
        self.encode_documents, self.encode_queries = encoder.encode_documents, encoder.encode_queries
        self.encode_words = encoder.encode_words

    def encode_in_context(
        self, texts: Sequence[str], *, asked: bool = False, progress: Callable[[int], None] | None = None
    ) -> list[InContext]:
        """Encode texts and their words; questions that were encoded before are returned again."""
        if not asked:
            return self._encoder.encode_in_context(texts, asked=asked, progress=progress)
        new = [text for text in dict.fromkeys(texts) if text not in self._read]
        if new:
            self._read.update(zip(new, self._encoder.encode_in_context(new, asked=True), strict=True))
        return [self._read[text] for text in texts]
