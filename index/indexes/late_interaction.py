"""Late interaction (Khattab and Zaharia 2020): MaxSim of question tokens over quantised token vectors of sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Packed: TypeAlias = NDArray[np.integer]
    """Token vectors: int8 [tokens, dim], or their sign bits as uint8 [tokens, dim / 8]."""

_SCALE = 254.0  # maps -0.5..0.5 to int8: larger numbers are rare in unit rows of hundreds of columns
# Tokens up to which a library keeps bytes: 1.5 GB with the default model. Larger ones keep signs, an eighth of that: of
# 1,000 first quotes 25 change, two more to wrong than to right, which is noise; of the first three none is lost
# (`python -m tests.bench scale`).
_BYTES_UP_TO = 4_000_000
_MEAN = (2 / np.pi) ** 0.5  # mean magnitude of a standard normal variable


def packed(rows: NDArray[np.float32]) -> NDArray[np.int8]:
    """Quantise unit rows [tokens, dim] to int8."""
    return np.asarray(np.clip(np.rint(rows * _SCALE), -127, 127), np.int8)


def are_signs(words: int) -> bool:
    """Return whether a library of so many tokens keeps sign bits instead of bytes."""
    return words > _BYTES_UP_TO


def kept(rows: Packed, *, signs: bool) -> Packed:
    """Quantise int8 token vectors to sign bits when `signs` is true."""
    return np.packbits(rows > 0, axis=1) if signs else rows


def taken_over(rows: Packed, *, signs: bool) -> Packed | None:
    """Convert stored token vectors to bytes or `signs`; None when bytes are needed and only signs are stored."""
    if rows.dtype == np.int8:
        return kept(rows, signs=signs)
    return rows if signs else None


class LateInteraction:
    """Token vectors of all sentences of a library, each token encoded in its sentence."""

    def __init__(self, rows: Packed, token_starts: NDArray[np.int64], sentence_starts: NDArray[np.int64]) -> None:
        """Take packed vectors, and where sentences begin among tokens and passages among sentences (and the ends)."""
        self._rows = np.asarray(rows)  # slices of a memmap cost more than reading them
        self._token_starts = token_starts
        self._sentence_starts = sentence_starts

    def nearest(
        self, words: Sequence[NDArray[np.float32]], passages: Sequence[NDArray[np.int64]]
    ) -> list[NDArray[np.float32]]:
        """Return the cosine of each question token with the nearest token of each sentence, for several questions.

        For each question `words` are unit rows float32 [words, dim], the sentences those of its `passages`, in
        order, and the result is float32 [sentences, words]. Passage by passage, for all questions that have it: the
        rows of one lie together in the file and fit the processor's cache.
        """
        if self._rows.dtype == np.uint8:
            cosines, columns = _cosines_of_signs, [np.ascontiguousarray(own.T) for own in words]
        else:
            cosines, columns = _cosines_of_bytes, [np.ascontiguousarray(own.T / np.float32(_SCALE)) for own in words]
        wanted: dict[int, list[int]] = {}
        for question, own in enumerate(passages):
            for passage in own.tolist():
                wanted.setdefault(passage, []).append(question)
        found: list[dict[int, NDArray[np.float32]]] = [{} for _ in words]
        for passage in sorted(wanted):
            first, last = self._sentence_starts[passage : passage + 2].tolist()
            starts = self._token_starts[first : last + 1]
            asking = [columns[question] for question in wanted[passage]]
            together = asking[0] if len(asking) == 1 else np.concatenate(asking, axis=1)
            rows = self._rows[starts[0] : starts[-1]]
            best, at = np.maximum.reduceat(cosines(rows, together), starts[:-1] - starts[0], axis=0), 0
            for question in wanted[passage]:
                found[question][passage] = best[:, at : at + len(words[question])]
                at += len(words[question])
        return [np.concatenate([of[each] for each in own.tolist()]) for of, own in zip(found, passages, strict=True)]


def _cosines_of_bytes(rows: Packed, columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return cosines; the columns [dim, words] are divided by the scale already."""
    return np.asarray(rows.astype(np.float32) @ columns)


def _cosines_of_signs(rows: Packed, columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Estimate cosines, each number taken for its mean magnitude; 0 for a token beyond the model's input length."""
    dimension = len(columns)
    positive = np.unpackbits(rows.view(np.uint8), axis=1, count=dimension).astype(np.float32)
    products = (2 * (positive @ columns) - columns.sum(axis=0)) / np.float32(_MEAN * dimension**0.5)
    products[~rows.any(axis=1)] = 0.0  # an encoded row has a positive number
    return np.asarray(products)
