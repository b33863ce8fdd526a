"""Compares FAISS in the process with PostgreSQL and pgvector beside it: a search, recall, building, megabytes."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np

from index.indexes import vectors
from index.models.pooling import unit
from tests.bench import neighbours
from tests.bench.neighbours import BEST, NEIGHBOURS
from tests.bench.results import Row
from tests.gateway.process import ROOT
from tests.postgresql import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from index.indexes.vector_search import VectorSearch

_SIZES = (20_000, 100_000)
_DIMENSION = 384  # of the default model
_TOPICS = 2_000
_QUERIES = 250
_QUERY_NOISE = 0.3  # as in scale
_WARM_UP = 50


@dataclass(frozen=True, slots=True)
class Opened:
    """An index, how long it took to build, and the megabytes (10**6) that are searched."""

    index: VectorSearch
    build_s: float
    megabytes: float


def rows() -> Iterator[Row]:
    """Search random unit vectors that lie between topics, as those of texts do."""
    topics = unit(np.random.default_rng(1).standard_normal((_TOPICS, _DIMENSION)).astype(np.float32))
    queries = neighbours.mixed(topics, _QUERIES, seed=2, noise=_QUERY_NOISE)
    # One process searches, whose CPU time is that of the search.
    server = Server(shared_buffers="1GB", max_parallel_workers_per_gather="0").start()
    sys.path.insert(0, str(ROOT / "deploy" / "pgvector"))
    example = import_module("pgvector_search")
    try:
        os.environ |= {"PGHOST": str(server.folder), "PGUSER": "postgres", "PGDATABASE": "postgres"}
        server.execute("CREATE EXTENSION vector")
        for size in _SIZES:
            made = neighbours.mixed(topics, size, seed=3)
            exact = neighbours.nearest(made, queries)
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                kind = "exact" if size <= vectors.EXACT_UP_TO else "IVF + SQ8"
                yield _row(f"FAISS, {kind}", _in_process(folder, made), made, queries, exact)
                for kind in ("exact", "HNSW"):
                    with patch.object(example, "EXACT_UP_TO", size if kind == "exact" else 0):
                        yield _row(f"pgvector, {kind}", _served(example, server, folder, made), made, queries, exact)
                    assert example._server()._not_before == 0.0, "the database did not search"
                    server.execute("DROP SCHEMA vectors CASCADE")
    finally:
        server.remove()


def _in_process(folder: Path, made: NDArray[np.float32]) -> Opened:
    began = time.perf_counter()
    vectors.train(made).save(folder, "rows")
    build_s = time.perf_counter() - began
    searched = folder / "rows.faiss"  # a small index is made of the rows when it is opened
    megabytes = (searched if searched.exists() else folder / "rows.npy").stat().st_size / 10**6
    return Opened(vectors.load(folder, "rows", made.shape), build_s, megabytes)


def _served(example: Any, server: Server, folder: Path, made: NDArray[np.float32]) -> Opened:
    """Fill a table of a server that is reached by a socket of the machine."""
    began = time.perf_counter()
    index = example.load(folder, "rows", made.shape)
    build_s = time.perf_counter() - began
    [(size_bytes,)] = server.execute(f"SELECT pg_total_relation_size('vectors.\"{folder.name}_rows\"')")
    return Opened(index, build_s, size_bytes / 10**6)


def _row(
    what: str, opened: Opened, made: NDArray[np.float32], queries: NDArray[np.float32], exact: NDArray[np.int64]
) -> Row:
    taken, found = [], []
    for query in queries:
        if len(taken) == _WARM_UP:
            before = time.process_time() + _server_s(opened.index)
        began = time.perf_counter()
        found.append(opened.index.search(query[None], NEIGHBOURS)[0][:BEST])
        taken.append(1000 * (time.perf_counter() - began))
    cpu_ms = 1000 * (time.process_time() + _server_s(opened.index) - before) / (len(taken) - _WARM_UP)
    recall = neighbours.recall(np.stack(found), exact)
    return Row(
        f"{what}, {len(made):,} rows: search CPU; median, recall@{BEST}, build, size",
        f"{cpu_ms:.2f}; {np.median(taken[_WARM_UP:]):.2f} ms, {recall:.4f}, {opened.build_s:.1f} s, "
        f"{opened.megabytes:.0f} MB",
    )


def _server_s(index: VectorSearch) -> float:
    """Give the CPU time of the server's process that searches, 0 for FAISS."""
    if isinstance(index, vectors.VectorIndex):
        return 0.0
    connection = sys.modules["pgvector_search"]._server()._connection
    return int(Path(f"/proc/{connection.info.backend_pid}/schedstat").read_text(encoding="ascii").split()[0]) / 10**9
