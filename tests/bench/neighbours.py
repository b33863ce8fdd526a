"""Builds each kind of vector index over as many rows as asked for, and watches a process that opens nothing else."""

from __future__ import annotations

import json
import mmap
import os
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import run
from typing import TYPE_CHECKING
from unittest.mock import patch

import faiss  # the kinds that index/indexes/vectors.py does not use are measured too
import numpy as np

from index.indexes import vectors
from index.indexes.vectors import VectorIndex
from index.models.pooling import unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEIGHBOURS = 40  # what index/answering/ranking.py asks for
BEST = 10  # of them are compared with the exact ones
EXACT, IVF, HNSW = "exact", "IVF + SQ8", "HNSW"
_LINKS = 32  # of a node of HNSW, in each direction
_BREADTHS = (80, 160, 320, 640, 1280)  # of its search: the least that finds enough is taken
_ENOUGH = 0.99
_NOISE = 0.5  # length of what is added to a mixture of unit vectors
_IN_BLOCK = 50_000
_WARM_UP = 50
_COLD = 50
_LONGEST_S = 10.0  # after which no more is asked: to compare a million rows takes a while


@dataclass(frozen=True, slots=True)
class Measured:
    """One kind over one number of rows; times in seconds or milliseconds as named, sizes in megabytes (10**6).

    `resident_mb` is memory once it is opened; `searched_mb` after all queries, pages of the mapped file included that
    they happened to touch, `anonymous_mb` without them. `cold_ms` is a search with none of those pages in memory.
    """

    kind: str
    rows: int
    build_s: float
    disk_mb: float
    resident_mb: float = 0.0
    searched_mb: float = 0.0
    anonymous_mb: float = 0.0
    open_s: float = 0.0
    median_ms: float = 0.0
    slow_ms: float = 0.0
    cold_ms: float = 0.0
    recall: float = 0.0
    breadth: int = 0


def mixed(real: NDArray[np.float32], count: int, seed: int, noise: float = _NOISE) -> NDArray[np.float32]:
    """Make unit rows [count, dim], each between two real ones and nearer to the first, with noise."""
    rng = np.random.default_rng(seed)
    made = np.empty((count, real.shape[1]), np.float32)
    for first in range(0, count, _IN_BLOCK):
        size = min(_IN_BLOCK, count - first)
        one, other = real[rng.integers(len(real), size=(2, size))]
        share = rng.uniform(0.0, 0.5, (size, 1)).astype(np.float32)
        away = rng.standard_normal((size, real.shape[1]), np.float32) / np.float32(real.shape[1] ** 0.5)
        made[first : first + size] = unit((1 - share) * one + share * other + np.float32(noise) * away)
    return made


def nearest(rows: NDArray[np.float32], queries: NDArray[np.float32]) -> NDArray[np.int64]:
    """Number the rows nearest to each query by plain arithmetic: [queries, BEST], best first."""
    cosines, numbers = np.zeros((len(queries), 0), np.float32), np.zeros((len(queries), 0), np.int64)
    for first in range(0, len(rows), _IN_BLOCK):
        block = queries @ rows[first : first + _IN_BLOCK].T
        few = np.argpartition(-block, min(BEST, block.shape[1] - 1), axis=1)[:, :BEST]
        cosines = np.hstack([cosines, np.take_along_axis(block, few, axis=1)])
        numbers = np.hstack([numbers, first + few])
        best = np.argsort(-cosines, axis=1, kind="stable")[:, :BEST]
        cosines, numbers = np.take_along_axis(cosines, best, axis=1), np.take_along_axis(numbers, best, axis=1)
    return numbers


def measured(kind: str, rows: NDArray[np.float32], queries: NDArray[np.float32], exact: NDArray[np.int64]) -> Measured:
    """Build and save an index, then open it in a process of its own and ask it there."""
    with tempfile.TemporaryDirectory(dir="build") as name:
        folder = Path(name)
        began = time.perf_counter()
        _build(kind, rows).save(folder, "rows")
        build_s = time.perf_counter() - began
        disk_mb = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        built = Measured(kind, len(rows), build_s, disk_mb)
        np.save(folder / "queries.npy", queries)
        found = built
        for breadth in _BREADTHS if kind == HNSW else (0,):
            found = _asked(replace(built, breadth=breadth), folder, exact)
            if found.recall >= _ENOUGH:
                break
        return found


def _build(kind: str, rows: NDArray[np.float32]) -> VectorIndex:
    if kind == HNSW:
        graph = faiss.IndexHNSWFlat(rows.shape[1], _LINKS, faiss.METRIC_INNER_PRODUCT)
        graph.add(rows)
        return VectorIndex(rows, graph)
    with patch.object(vectors, "EXACT_UP_TO", len(rows) if kind == EXACT else 0):
        return vectors.train(rows)


def recall(found: NDArray[np.int64], exact: NDArray[np.int64]) -> float:
    """Give the share of the exact neighbours [queries, BEST] that were found, in whichever order."""
    return float(np.mean([len(np.intersect1d(*pair)) / BEST for pair in zip(found, exact, strict=True)]))


def _asked(built: Measured, folder: Path, exact: NDArray[np.int64]) -> Measured:
    command = [sys.executable, "-m", "tests.bench.neighbours", str(folder), str(built.breadth)]
    said = json.loads(run(command, check=True, capture_output=True, text=True).stdout)
    found = np.load(folder / "found.npy")
    return replace(built, recall=recall(found, exact[: len(found)]), **said)


def _open_and_ask(folder: Path, breadth: int) -> None:
    """Open the index that lies there, ask it every query by itself, and say what that took."""
    queries = np.load(folder / "queries.npy")
    before = memory_mb()
    began = time.perf_counter()
    index = vectors.load(folder, "rows")
    open_s = time.perf_counter() - began
    opened = memory_mb()
    taken, found = [], []
    until = time.perf_counter() + _LONGEST_S
    for query in queries:
        if len(taken) > _WARM_UP and time.perf_counter() > until:
            break
        began = time.perf_counter()
        rows = _in_graph(index, query[None], breadth) if breadth else index.search(query[None], NEIGHBOURS)[0]
        taken.append(1000 * (time.perf_counter() - began))
        found.append(rows[:BEST])
    after = memory_mb()
    np.save(folder / "found.npy", np.stack(found))
    said = {
        "open_s": open_s,
        "median_ms": float(np.median(taken[_WARM_UP:])),
        "slow_ms": float(np.percentile(taken[_WARM_UP:], 95)),
        "cold_ms": _cold_ms(index, folder, queries[:_COLD]) if index._trained is not None and not breadth else 0.0,
        "resident_mb": opened["Rss"] - before["Rss"],
        "searched_mb": after["Rss"] - before["Rss"],
        "anonymous_mb": after["Anonymous"] - before["Anonymous"],
    }
    print(json.dumps(said))


def _cold_ms(index: VectorIndex, folder: Path, queries: NDArray[np.float32]) -> float:
    """Give the median milliseconds of a search before which the mapped file is put out of memory."""
    path = folder / "rows.npy"
    mapped = np.load(path, mmap_mode="r")
    index.vectors = np.asarray(mapped)
    taken = []
    with path.open("rb") as stream:
        os.fsync(stream)  # what is not written yet stays in memory
        for query in queries:
            mapped._mmap.madvise(mmap.MADV_DONTNEED)
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            began = time.perf_counter()
            index.search(query[None], NEIGHBOURS)
            taken.append(1000 * (time.perf_counter() - began))
    return float(np.median(taken))


def _in_graph(index: VectorIndex, query: NDArray[np.float32], breadth: int) -> NDArray[np.int64]:
    """Search HNSW as index/indexes/vectors.py would: more than asked for, put in order by the unquantised vectors."""
    options = faiss.SearchParametersHNSW(efSearch=breadth)  # type: ignore[attr-defined]  # made by SWIG
    with vectors.one_thread():
        _, rows = index._trained.search(query, vectors._OVERFETCH * NEIGHBOURS, params=options)
    return index._reranked(query[0], rows[0][rows[0] >= 0])[:NEIGHBOURS]


def memory_mb() -> dict[str, float]:
    """Read what the process holds, mapped pages that it touched included."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="utf-8").splitlines()[1:]
    return {name: int(rest.split()[0]) * 1024 / 1e6 for name, rest in (line.split(":", 1) for line in lines)}


if __name__ == "__main__":
    _open_and_ask(Path(sys.argv[1]), int(sys.argv[2]))
