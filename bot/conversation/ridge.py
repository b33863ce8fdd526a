"""Ridge regression on dense and sparse columns together, for the dialogue act classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_STEPS = 50
_CONVERGED = 1e-4  # relative length of the residual


class SparseRows:
    """Rows with one weight in each of a few columns; no row and no column may be empty."""

    def __init__(self, rows: Sequence[tuple[Sequence[int], float]]) -> None:
        """Take the column numbers of each row and the weight that all its entries have."""
        lengths = np.array([len(columns) for columns, _ in rows])
        self._weights = np.array([[weight] for _, weight in rows], np.float32)
        self._columns = np.concatenate([columns for columns, _ in rows]).astype(np.int64)
        self._row_starts = np.cumsum(lengths) - lengths
        order = np.argsort(self._columns, kind="stable")
        self._rows = np.repeat(np.arange(len(rows)), lengths)[order]
        self._column_starts = np.flatnonzero(np.diff(self._columns[order], prepend=-1))

    def times(self, right: NDArray[np.float32]) -> NDArray[np.float32]:
        """Multiply with [columns, k]."""
        return np.add.reduceat(right[self._columns], self._row_starts) * self._weights

    def transposed_times(self, right: NDArray[np.float32]) -> NDArray[np.float32]:
        """Multiply the transpose with [rows, k]."""
        return np.add.reduceat((right * self._weights)[self._rows], self._column_starts)


def ridge(
    dense: NDArray[np.float32], sparse: SparseRows, targets: NDArray[np.float32], penalty: float
) -> NDArray[np.float32]:
    """Return weights [dense columns + sparse columns, k] for `targets` [rows, k], by conjugate gradients."""
    size = dense.shape[1]

    def transposed(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate([dense.T @ values, sparse.transposed_times(values)])

    residual = transposed(targets)
    weights, direction = np.zeros_like(residual), residual.copy()
    length = first = np.square(residual).sum(axis=0)
    for _ in range(_MOST_STEPS):
        fitted = dense @ direction[:size] + sparse.times(direction[size:])
        step = transposed(fitted) + np.float32(penalty) * direction
        by = length / (direction * step).sum(axis=0)
        weights += by * direction
        residual -= by * step
        before, length = length, np.square(residual).sum(axis=0)
        if (length <= _CONVERGED**2 * first).all():
            break
        direction = residual + length / before * direction
    return weights
