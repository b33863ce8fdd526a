"""The port for what finds the nearest vectors of a generation: FAISS (vectors.py), or a search that a server does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


class VectorSearch(Protocol):
    """The unit rows of one generation, which never change, and their nearest neighbours by cosine (higher = closer).

    Called in one thread at a time. tests/index/indexes/test_vector_search.py has the tests that every one passes.
    """

    @property
    def vectors(self) -> NDArray[np.float32]:
        """The rows, float32 [n, dim]: some dozens are read by number for each question."""

    def search(self, queries: NDArray[np.float32], count: int) -> list[NDArray[np.int64]]:
        """Return the numbers of the `count` nearest rows for each query, float32 [queries, dim], best first.

        Fewer where there are fewer; none for a query that is not finite. Equal rows come in any order.
        """

    def within(self, kept: NDArray[np.bool_]) -> VectorSearch:
        """Return a view that finds only rows that are `kept` (bool [n])."""


class OpenVectors(Protocol):
    """Opens the vectors that a build has written: FOLDER/NAME.npy, and FOLDER/NAME.faiss where there are many.

    The name of the folder is the generation's id. Raises GenerationError for damage or another shape, (n, dim).
    """

    def __call__(self, folder: Path, name: str, shape: tuple[int, int], /) -> VectorSearch:
        """Open them."""
