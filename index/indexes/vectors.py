"""Nearest neighbours by cosine; the only module that imports FAISS."""

from __future__ import annotations

import copy
import mmap
from contextlib import contextmanager
from typing import TYPE_CHECKING

import faiss
import numpy as np

from index.errors import GenerationError
from index.indexes.checks import check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

EXACT_UP_TO = 20_000  # rows; see VectorIndex for the measurements
_LISTS_PER_ROOT = 4  # lists = 4 * sqrt(rows)
_PROBES_PER_FOURTH_ROOT = 5  # lists searched = 5 * rows ** (1/4)
_SAMPLE = 39  # rows per list for k-means: FAISS's lower bound; more did not raise the recall
_OVERFETCH = 2  # candidates per wanted row, reranked by unquantised vectors
_MAPPED_UP_TO = 256e6  # bytes of a mapped file that may stay in memory after a search


class VectorIndex:
    """Unit vectors and their nearest neighbours by cosine (higher = closer).

    Up to 20,000 rows the search is exact and takes about a millisecond. Above that an inverted file with 8-bit vectors
    (IVF,SQ8) proposes twice as many rows as asked for, which the unquantised vectors, possibly a mapped file, put in
    order. Of a million rows it finds more than 99 of 100 nearest in 2.7 ms (exact: 63 ms); of 100,000 in 0.5 ms with
    42 MB (HNSW: 1.7 ms, 182 MB, lower recall): `python -m tests.bench scale`. The file does not depend on the number of
    threads that build it.
    """

    def __init__(self, vectors: NDArray[np.float32], trained: faiss.Index | None = None) -> None:
        """Take float32 [n, dim] with unit rows, and for large n the index that `train` makes."""
        self.vectors = np.asarray(vectors)  # slices of a memmap cost more than reading them
        mapped: object = vectors.base  # NumPy's types do not say that it may be a mapping
        self._mapping = mapped if isinstance(mapped, mmap.mmap) else None
        self._trained = trained
        self._selector: faiss.IDSelector | None = None  # the rows that may be found; None for all
        if trained is None:
            self._exact = faiss.IndexFlatIP(vectors.shape[1])
            self._exact.add(np.ascontiguousarray(vectors))

    def search(self, queries: NDArray[np.float32], count: int) -> list[NDArray[np.int64]]:
        """Return the numbers of the `count` nearest rows for each query, float32 [queries, dim], best first."""
        count = min(count, len(self.vectors))
        if count == 0 or len(queries) == 0:
            return [np.zeros(0, np.int64) for _ in queries]
        queries = np.ascontiguousarray(queries)
        with one_thread():
            return self._search(queries, count)

    def _search(self, queries: NDArray[np.float32], count: int) -> list[NDArray[np.int64]]:
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
        """Release the pages of a large mapped file that a search touched.

        The system may map two megabytes around each row: after some dozens of searches the whole file would count as
        memory of this process.
        """
        if self._mapping is not None and self.vectors.nbytes > _MAPPED_UP_TO:
            self._mapping.madvise(mmap.MADV_DONTNEED)

    def save(self, folder: Path, name: str) -> None:
        """Write the vectors to NAME.npy and a trained index to NAME.faiss."""
        np.save(folder / f"{name}.npy", self.vectors, allow_pickle=False)
        if self._trained is not None:
            faiss.write_index(self._trained, str(folder / f"{name}.faiss"))


@contextmanager
def one_thread() -> Iterator[None]:
    """Let FAISS use one thread: a search is too short to be split.

    The number is set back afterwards: if torch was imported first, it uses the same number for the calling thread.
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def train(vectors: NDArray[np.float32]) -> VectorIndex:
    """Make an exact or a trained index, by the number of unit rows float32 [n, dim]; deterministic."""
    count, dimension = vectors.shape
    if count <= EXACT_UP_TO:
        return VectorIndex(vectors)
    lists = int(_LISTS_PER_ROOT * np.sqrt(count))
    trained = faiss.index_factory(dimension, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    k_means = trained.cp  # type: ignore[attr-defined]  # the factory returns a subclass
    k_means.min_points_per_centroid, k_means.max_points_per_centroid = 1, _SAMPLE
    trained.train(np.ascontiguousarray(vectors))
    trained.add(np.ascontiguousarray(vectors))
    return VectorIndex(vectors, trained)


def load(folder: Path, name: str, shape: tuple[int, int] | None = None) -> VectorIndex:
    """Open a saved index, the vectors as a mapped file; raises GenerationError for damage or another `shape`."""
    vectors = mapped(folder, name, shape)
    try:
        trained = faiss.read_index(str(folder / f"{name}.faiss")) if (folder / f"{name}.faiss").exists() else None
    except (OSError, RuntimeError) as error:
        raise _unreadable(name) from error
    if shape is not None:
        check(folder.name, "vectors", trained is None or _fits(trained, *shape))
    return VectorIndex(vectors, trained)


def mapped(folder: Path, name: str, shape: tuple[int, int] | None = None) -> NDArray[np.float32]:
    """Map the file of saved vectors; raises GenerationError for damage or another `shape`."""
    try:
        vectors: NDArray[np.float32] = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise _unreadable(name) from error
    if shape is not None:
        check(folder.name, "vectors", vectors.dtype == np.float32, vectors.shape == shape)
    return vectors


def _unreadable(name: str) -> GenerationError:
    return GenerationError(f"The vectors {name!r} cannot be read. Rebuild: tutor index build.")


def _fits(trained: faiss.Index, count: int, dimension: int) -> bool:
    """Return whether an inverted file holds `count` rows of `dimension` columns, and no other row numbers."""
    if not isinstance(trained, faiss.IndexIVF) or trained.metric_type != faiss.METRIC_INNER_PRODUCT:
        return False
    lists = trained.invlists
    if lists is None:
        return False
    sizes = [lists.list_size(number) for number in range(lists.nlist)]
    held = [faiss.rev_swig_ptr(lists.get_ids(number), size) for number, size in enumerate(sizes) if size]
    named = all(ids.min() >= 0 and ids.max() < count for ids in held)
    return (trained.ntotal, trained.d) == (count, dimension) and sum(sizes) == count and named
