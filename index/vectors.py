"""Finds the nearest vectors; the only room that knows FAISS, so that the kind of index can follow the size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import faiss
import numpy as np

from index.errors import GenerationError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_EXACT_UP_TO = 5_000
_PROBES = 24


class VectorIndex:
    """Unit vectors and their nearest neighbours by cosine (higher = closer).

    Up to 5,000 rows every row is compared, which is exact. Above that a trained index (an inverted file with
    scalar quantisation) proposes rows, and their cosines are computed anew from the unquantised vectors.
    """

    def __init__(self, vectors: NDArray[np.float32], trained: faiss.Index | None = None) -> None:
        """Take float32 [n, dim] with unit rows; `trained` comes from `train` for large n."""
        self.vectors = vectors
        self._trained = trained
        if trained is None:
            self._exact = faiss.IndexFlatIP(vectors.shape[1])
            self._exact.add(np.ascontiguousarray(vectors))

    def search(self, queries: NDArray[np.float32], count: int) -> list[NDArray[np.int64]]:
        """Give for each query the row numbers of its nearest vectors, best first, at most `count`."""
        count = min(count, len(self.vectors))
        if count == 0 or len(queries) == 0:
            return [np.zeros(0, np.int64) for _ in queries]
        faiss.omp_set_num_threads(1)  # of this thread's searches: they are too short for threads to wait for each other
        if self._trained is None:
            _, rows = self._exact.search(np.ascontiguousarray(queries), count)
            return [found[found >= 0] for found in rows]
        options = faiss.SearchParametersIVF(nprobe=_PROBES)  # type: ignore[call-arg]  # SWIG takes any field
        _, rows = self._trained.search(np.ascontiguousarray(queries), count, params=options)
        return [self._reranked(query, found[found >= 0]) for query, found in zip(queries, rows, strict=True)]

    def _reranked(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
        cosine_similarity = self.vectors[rows] @ query
        return np.asarray(rows[np.argsort(-cosine_similarity, kind="stable")])

    def save(self, folder: Path, name: str) -> None:
        """Write the vectors and, for a large index, what was trained on them."""
        np.save(folder / f"{name}.npy", self.vectors, allow_pickle=False)
        if self._trained is not None:
            faiss.write_index(self._trained, str(folder / f"{name}.faiss"))


def train(vectors: NDArray[np.float32]) -> VectorIndex:
    """Make the index that suits the number of vectors; deterministic for the same vectors."""
    count, dimension = vectors.shape
    if count <= _EXACT_UP_TO:
        return VectorIndex(vectors)
    lists = int(np.sqrt(count))
    trained = faiss.index_factory(dimension, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    trained.train(np.ascontiguousarray(vectors))
    trained.add(np.ascontiguousarray(vectors))
    return VectorIndex(vectors, trained)


def load(folder: Path, name: str) -> VectorIndex:
    """Open what `save` wrote; raises GenerationError when it is not whole."""
    try:
        vectors = np.load(folder / f"{name}.npy", allow_pickle=False)
        trained = faiss.read_index(str(folder / f"{name}.faiss")) if (folder / f"{name}.faiss").exists() else None
    except (OSError, ValueError, RuntimeError) as error:
        raise GenerationError(f"The vectors {name!r} cannot be read. Rebuild: tutor index build.") from error
    return VectorIndex(vectors, trained)
