"""Keeps what each word means in its sentence, a byte or a bit a number, and says how near a question comes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Packed: TypeAlias = NDArray[np.integer]
    """Rows of words: int8 [words, dim], a byte a number, or uint8 [words, dim / 8], its sign alone."""

_SCALE = 254.0  # numbers of a unit row of hundreds of columns hardly ever exceed one half
# Words of a library up to which a byte a number is kept: 1.5 GB of the default model. From there on signs are, an
# eighth of it: of 1,000 first quotes 25 become right or wrong, two more wrong than right, which is within the noise;
# of the first three none is lost (`python -m tests.bench scale`).
_BYTES_UP_TO = 4_000_000
_MEAN = (2 / np.pi) ** 0.5  # of the magnitude of numbers that are normally distributed around 0 and vary by 1


def packed(rows: NDArray[np.float32]) -> NDArray[np.int8]:
    """Store unit rows [words, dim] as one byte a number."""
    return np.asarray(np.clip(np.rint(rows * _SCALE), -127, 127), np.int8)


def are_signs(words: int) -> bool:
    """Say whether a library of so many words keeps signs rather than bytes."""
    return words > _BYTES_UP_TO


def kept(rows: Packed, *, signs: bool) -> Packed:
    """Make of bytes what a library keeps."""
    return np.packbits(rows > 0, axis=1) if signs else rows


def taken_over(rows: Packed, *, signs: bool) -> Packed | None:
    """Make of what another library kept what this one keeps, as if encoded anew; None where too little is known."""
    if rows.dtype == np.int8:
        return kept(rows, signs=signs)
    return rows if signs else None


class LateInteraction:
    """The rows of all words of a library, each word read in its sentence."""

    def __init__(self, rows: Packed, token_starts: NDArray[np.int64], sentence_starts: NDArray[np.int64]) -> None:
        """Take packed rows parallel to the tokens, and where sentences and passages begin."""
        self._rows = np.asarray(rows)  # a plain view of a mapped file: slices of a memmap cost more than they read
        self._token_starts = token_starts
        self._sentence_starts = sentence_starts

    def nearest(self, words: NDArray[np.float32], passages: NDArray[np.int64]) -> NDArray[np.float32]:
        """Give the cosine of each of a question's words with the nearest word of each sentence: [sentences, words].

        Passage by passage: their rows lie together in the file, and fit the processor's cache.
        """
        if self._rows.dtype == np.uint8:
            cosines, columns = _cosines_of_signs, np.ascontiguousarray(words.T)
        else:
            cosines, columns = _cosines_of_bytes, np.ascontiguousarray(words.T / np.float32(_SCALE))
        firsts = self._sentence_starts[passages].tolist()
        lasts = self._sentence_starts[passages + 1].tolist()
        found = []
        for first, last in zip(firsts, lasts, strict=True):
            starts = self._token_starts[first : last + 1]
            rows = self._rows[starts[0] : starts[-1]]
            found.append(np.maximum.reduceat(cosines(rows, columns), starts[:-1] - starts[0], axis=0))
        return np.concatenate(found)


def _cosines_of_bytes(rows: Packed, columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Multiply with columns that are divided by the scale: fewer numbers than what comes out."""
    return np.asarray(rows.astype(np.float32) @ columns)


def _cosines_of_signs(rows: Packed, columns: NDArray[np.float32]) -> NDArray[np.float32]:
    """Estimate cosines, each number taken for its mean magnitude; 0 for a row that the model did not read."""
    dimension = len(columns)
    positive = np.unpackbits(rows.view(np.uint8), axis=1, count=dimension).astype(np.float32)
    products = (2 * (positive @ columns) - columns.sum(axis=0)) / np.float32(_MEAN * dimension**0.5)
    products[~rows.any(axis=1)] = 0.0  # a row that was read has a positive number
    return np.asarray(products)
