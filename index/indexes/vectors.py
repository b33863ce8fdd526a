"""Finds the nearest vectors; the only room that knows FAISS, so that the kind of index can follow the size."""

from __future__ import annotations

import copy
import mmap
from typing import TYPE_CHECKING

import faiss
import numpy as np

from index.errors import GenerationError
from index.indexes.checks import check

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

EXACT_UP_TO = 20_000
_LISTS_PER_ROOT = 4
_PROBES_PER_FOURTH_ROOT = 5
_SAMPLE = 39  # rows of each list that k-means sees: FAISS's own lower bound, and more found no more
_OVERFETCH = 2
_MAPPED_UP_TO = 256e6  # bytes of a file that may stay in memory once they were read
_THREADS = faiss.omp_get_max_threads()  # what the process was given, before any search changes it


class VectorIndex:
    """Unit vectors and their nearest neighbours by cosine (higher = closer).

    Up to 20,000 rows every row is compared: that takes about a millisecond, and is exact. Above that an inverted file
    of 4 * sqrt(n) lists proposes rows, one byte a number, from the 5 * n ** (1/4) lists nearest to the query; twice as
    many as asked for are put in order by the unquantised vectors, which may stay in a mapped file. Among a million that
    finds more than 99 of 100 in 2.7 ms, where comparing all takes 63 ms; among 100,000 it takes 0.5 ms and 42 MB, where
    HNSW takes 1.7 ms and 182 MB and finds fewer (`python -m tests.bench scale`). The file is the same however many
    threads build it.
    """

    def __init__(self, vectors: NDArray[np.float32], trained: faiss.Index | None = None) -> None:
        """Take float32 [n, dim] with unit rows; `trained` comes from `train` for large n."""
        self.vectors = np.asarray(vectors)  # a plain view of a mapped file: slices of a memmap cost more than they read
        mapped: object = vectors.base  # of a mapped file, whatever NumPy's types say
        self._mapping = mapped if isinstance(mapped, mmap.mmap) else None
        self._trained = trained
        self._selector: faiss.IDSelector | None = None  # the rows that may be found; None for all
        if trained is None:
            self._exact = faiss.IndexFlatIP(vectors.shape[1])
            self._exact.add(np.ascontiguousarray(vectors))

    def search(self, queries: NDArray[np.float32], count: int) -> list[NDArray[np.int64]]:
        """Give for each query the row numbers of its nearest vectors, best first, at most `count`."""
        count = min(count, len(self.vectors))
        if count == 0 or len(queries) == 0:
            return [np.zeros(0, np.int64) for _ in queries]
        faiss.omp_set_num_threads(1)  # of this thread's searches: they are too short for threads to wait for each other
        queries = np.ascontiguousarray(queries)
        if self._trained is None:
            options = faiss.SearchParameters(sel=self._selector)  # type: ignore[call-arg]  # SWIG takes any field
            _, rows = self._exact.search(queries, count, params=options)
            return [found[found >= 0] for found in rows]
        probes = int(_PROBES_PER_FOURTH_ROOT * len(self.vectors) ** 0.25)
        if self._selector is not None:  # the lists nearest to the query may hold hardly any row of the view
            probes = self._trained.nlist  # type: ignore[attr-defined]
        options = faiss.SearchParametersIVF(nprobe=probes, sel=self._selector)  # type: ignore[call-arg]
        _, rows = self._trained.search(queries, min(_OVERFETCH * count, len(self.vectors)), params=options)
        ranked = [self._reranked(query, found[found >= 0])[:count] for query, found in zip(queries, rows, strict=True)]
        self._let_go()
        return ranked

    def within(self, kept: NDArray[np.bool_]) -> VectorIndex:
        """Return a view that finds only rows that are `kept` (bool [n]); it shares the vectors."""
        view = copy.copy(self)
        view._selector = faiss.IDSelectorBitmap(np.packbits(kept, bitorder="little"))  # type: ignore[arg-type, call-arg]
        return view

    def _reranked(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
        cosine_similarity = self.vectors[rows] @ query
        return np.asarray(rows[np.argsort(-cosine_similarity, kind="stable")])

    def _let_go(self) -> None:
        """Give back the pages of a large file that a search touched.

        The system keeps them at hand as long as it has room. But around every row it may map two megabytes, so that
        some dozens of searches would make all of the file count as memory of this process.
        """
        if self._mapping is not None and self.vectors.nbytes > _MAPPED_UP_TO:
            self._mapping.madvise(mmap.MADV_DONTNEED)

    def save(self, folder: Path, name: str) -> None:
        """Write the vectors and, for a large index, what was trained on them."""
        np.save(folder / f"{name}.npy", self.vectors, allow_pickle=False)
        if self._trained is not None:
            faiss.write_index(self._trained, str(folder / f"{name}.faiss"))


def train(vectors: NDArray[np.float32]) -> VectorIndex:
    """Make the index that suits the number of vectors; deterministic for the same vectors."""
    count, dimension = vectors.shape
    if count <= EXACT_UP_TO:
        return VectorIndex(vectors)
    faiss.omp_set_num_threads(_THREADS)
    lists = int(_LISTS_PER_ROOT * np.sqrt(count))
    trained = faiss.index_factory(dimension, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    k_means = trained.cp  # type: ignore[attr-defined]  # what the factory makes has more than its declared type
    k_means.min_points_per_centroid, k_means.max_points_per_centroid = 1, _SAMPLE
    trained.train(np.ascontiguousarray(vectors))
    trained.add(np.ascontiguousarray(vectors))
    return VectorIndex(vectors, trained)


def load(folder: Path, name: str, shape: tuple[int, int] | None = None) -> VectorIndex:
    """Open what `save` wrote, the vectors as a mapped file.

    Raises GenerationError when it is not whole, or its rows and columns are not those of `shape`.
    """
    try:
        vectors = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        trained = faiss.read_index(str(folder / f"{name}.faiss")) if (folder / f"{name}.faiss").exists() else None
    except (OSError, ValueError, RuntimeError) as error:
        raise GenerationError(f"The vectors {name!r} cannot be read. Rebuild: tutor index build.") from error
    if shape is not None:
        check(folder.name, "vectors", vectors.dtype == np.float32, vectors.shape == shape)
        check(folder.name, "vectors", trained is None or _fits(trained, *shape))
    return VectorIndex(vectors, trained)


def _fits(trained: faiss.Index, count: int, dimension: int) -> bool:
    """Say whether an inverted file holds so many rows of so many columns, and names no other row."""
    if not isinstance(trained, faiss.IndexIVF) or trained.metric_type != faiss.METRIC_INNER_PRODUCT:
        return False
    lists = trained.invlists
    if lists is None:
        return False
    sizes = [lists.list_size(number) for number in range(lists.nlist)]
    held = [faiss.rev_swig_ptr(lists.get_ids(number), size) for number, size in enumerate(sizes) if size]
    named = all(ids.min() >= 0 and ids.max() < count for ids in held)
    return (trained.ntotal, trained.d) == (count, dimension) and sum(sizes) == count and named
