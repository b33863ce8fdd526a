"""Compares FAISS in the process with PostgreSQL and pgvector beside it: a search, recall, building, megabytes."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np

from index.indexes import vectors
from index.models.pooling import unit
from tests.bench import neighbours
from tests.bench.neighbours import BEST, EXACT, IVF, NEIGHBOURS
from tests.bench.results import Row
from tests.gateway.process import ROOT
from tests.postgresql import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_SIZES = (20_000, 100_000)
_DIMENSION = 384  # of the default model
_TOPICS = 2_000
_QUERIES = 250
_QUERY_NOISE = 0.3  # as in scale
_WARM_UP = 50
_HNSW = "HNSW"


def rows() -> Iterator[Row]:
    """Search random unit vectors that lie between topics, as those of texts do."""
    topics = unit(np.random.default_rng(1).standard_normal((_TOPICS, _DIMENSION)).astype(np.float32))
    queries = neighbours.mixed(topics, _QUERIES, seed=2, noise=_QUERY_NOISE)
    server = Server(shared_buffers="1GB").start()
    sys.path.insert(0, str(ROOT / "deploy" / "pgvector"))
    example = import_module("pgvector_search")
    try:
        os.environ |= {"PGHOST": str(server.folder), "PGUSER": "postgres", "PGDATABASE": "postgres"}
        server.execute("CREATE EXTENSION vector")
        for size in _SIZES:
            made = neighbours.mixed(topics, size, seed=3)
            exact = neighbours.nearest(made, queries)
            kind = EXACT if size <= vectors.EXACT_UP_TO else IVF
            found = neighbours.measured(kind, made, queries, exact)
            yield _row(f"FAISS, {kind}", size, found.median_ms, found.recall, found.build_s, found.resident_mb)
            for kind in (EXACT, _HNSW):
                with patch.object(example, "EXACT_UP_TO", size if kind == EXACT else 0):
                    yield _served(example, server, kind, made, queries, exact)
    finally:
        server.remove()


def _served(
    example: Any,
    server: Server,
    kind: str,
    made: NDArray[np.float32],
    queries: NDArray[np.float32],
    exact: NDArray[np.int64],
) -> Row:
    """Fill a table and search it, over a socket of the machine."""
    with tempfile.TemporaryDirectory() as name:
        np.save(Path(name) / "rows.npy", made)
        began = time.perf_counter()
        index = example.load(Path(name), "rows", made.shape)
        build_s = time.perf_counter() - began
        [(size_bytes,)] = server.execute(f"SELECT pg_total_relation_size('vectors.\"{Path(name).name}_rows\"')")
        taken, found = [], []
        for query in queries:
            began = time.perf_counter()
            found.append(index.search(query[None], NEIGHBOURS)[0][:BEST])
            taken.append(1000 * (time.perf_counter() - began))
        assert example._server()._not_before == 0.0, "the database did not search"
    recall = neighbours.recall(np.stack(found), exact)
    server.execute("DROP SCHEMA vectors CASCADE")
    return _row(f"pgvector, {kind}", len(made), float(np.median(taken[_WARM_UP:])), recall, build_s, size_bytes / 10**6)


def _row(what: str, size: int, median_ms: float, recall: float, build_s: float, megabytes: float) -> Row:
    return Row(
        f"{what}, {size:,} rows: search, recall@{BEST}, build, size",
        f"{median_ms:.2f} ms, {recall:.4f}, {build_s:.1f} s, {megabytes:.0f} MB",
    )
