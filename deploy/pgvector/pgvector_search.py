"""Searches the vectors of libraries in PostgreSQL with pgvector, an example of the port for a vector database.

With this folder in PYTHONPATH: TUTOR_VECTOR_SEARCH=pgvector_search:load. The database, which has the extension
`vector`, is named by libpq's variables: PGHOST, PGDATABASE, PGUSER, PGPASSWORD. Each generation has two tables in the
schema `vectors`, which the first process that opens it fills; tables not opened for DAYS are dropped when another one
is opened. While the database is away, and in views, the rows in the generation's file are compared one by one.
"""

from __future__ import annotations

import copy
import logging
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from threading import Lock

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from index.indexes.vectors import EXACT_UP_TO, mapped

log = logging.getLogger(__name__)

SCHEMA = "vectors"
DAYS = 30
_CONNECT = "connect_timeout=2 options='-c statement_timeout=5s -c hnsw.ef_search=200'"
# Workers would share memory in /dev/shm, which has 64 MB in a container.
_BUILDING = (
    "SET LOCAL statement_timeout = 0; SET LOCAL maintenance_work_mem = '1GB';"
    " SET LOCAL max_parallel_maintenance_workers = 0"
)
_AGAIN_S = 30.0  # between attempts to connect: meanwhile no question waits for the database
_IN_BLOCK = 10_000  # rows
_HEADER, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"  # of PostgreSQL's binary COPY


class PgVectorSearch:
    """The rows of one table; the nearest are found exactly up to EXACT_UP_TO, and by HNSW above."""

    def __init__(self, table: str, rows: NDArray[np.float32]) -> None:
        """Take the name of a table that has these rows, unit rows float32 [n, dim]."""
        self.vectors = np.asarray(rows)
        # <#> is the negative inner product, by which the nearest come first.
        self._statement = sql.SQL("SELECT number FROM {} ORDER BY vector <#> %s::vector LIMIT %s").format(_named(table))
        self._kept: NDArray[np.int64] | None = None  # the rows that may be found; None for all

    def search(self, queries: NDArray[np.float32], count: int) -> list[NDArray[np.int64]]:
        """Return the numbers of the nearest rows for each query, best first."""
        return [
            self._nearest(query, count) if count and np.isfinite(query).all() else np.zeros(0, np.int64)
            for query in queries
        ]

    def within(self, kept: NDArray[np.bool_]) -> PgVectorSearch:
        """Return a view that finds only rows that are kept."""
        view = copy.copy(self)
        view._kept = np.flatnonzero(kept)
        return view

    def _nearest(self, query: NDArray[np.float32], count: int) -> NDArray[np.int64]:
        if self._kept is None:
            found = _server().rows(self._statement, ("[" + ",".join(map(str, query.tolist())) + "]", count))
            if found is not None:
                return np.array([number for (number,) in found], np.int64)
        numbers = np.arange(len(self.vectors)) if self._kept is None else self._kept
        cosines = np.empty(len(numbers), np.float32)
        for first in range(0, len(numbers), _IN_BLOCK):
            block = slice(first, first + _IN_BLOCK)
            cosines[block] = self.vectors[numbers[block]] @ query
        best = np.argsort(-cosines, kind="stable")[:count]
        return numbers[best[np.isfinite(cosines[best])]]


class _Server:
    """The connection of this process that searches."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection | None = None
        self._not_before = 0.0
        self._lock = Lock()

    def rows(self, statement: sql.Composed, values: tuple[str, int]) -> list[tuple[int]] | None:
        """Return what a statement finds; None when the database is away."""
        with self._lock:
            if time.monotonic() < self._not_before:
                return None
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = psycopg.connect(_CONNECT, autocommit=True)
                return self._connection.execute(statement, values).fetchall()
            except psycopg.Error as error:
                if isinstance(error, psycopg.OperationalError):  # not when one table is missing
                    self._not_before = time.monotonic() + _AGAIN_S
                log.warning("the vectors are searched in this process: %s", type(error).__name__)
                return None

    def close(self) -> None:
        """Close the connection, which the next search makes again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()


_server = cache(_Server)


def load(folder: Path, name: str, shape: tuple[int, int]) -> PgVectorSearch:
    """Open the vectors of a generation, filling its table when there is none; raises GenerationError for damage."""
    rows = mapped(folder, name, shape)
    table = f"{folder.name}_{name}"
    try:
        with psycopg.connect(_CONNECT) as connection:
            _fill(connection, table, rows)
            _drop_unused(connection)
    except psycopg.Error as error:
        log.warning("the vectors of %s are not in the database: %s", folder.name, error)
    return PgVectorSearch(table, rows)


def _fill(connection: psycopg.Connection, table: str, rows: NDArray[np.float32]) -> None:
    """Make a table in one transaction, so that each is whole, and note that it was opened today."""
    connection.execute(f"{_BUILDING}; SELECT pg_advisory_xact_lock(hashtext('tutor.{SCHEMA}'))")
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    where = _named(table)
    if connection.execute("SELECT to_regclass(%s)", (f'{SCHEMA}."{table}"',)).fetchone() == (None,):
        column = sql.SQL(f"vector({rows.shape[1]})")
        connection.execute(
            sql.SQL("CREATE TABLE {} (number integer NOT NULL, vector {} NOT NULL)").format(where, column)
        )
        with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(where)) as copied:
            copied.write(_HEADER)
            for first in range(0, len(rows), _IN_BLOCK):
                copied.write(_packed(rows[first : first + _IN_BLOCK], first))
            copied.write(_END)
        if len(rows) > EXACT_UP_TO:
            connection.execute(sql.SQL("CREATE INDEX ON {} USING hnsw (vector vector_ip_ops)").format(where))
        connection.execute(sql.SQL("ANALYZE {}").format(where))
    connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(where, sql.Literal(f"{datetime.now(UTC):%Y-%m-%d}")))


def _packed(rows: NDArray[np.float32], first: int) -> bytes:
    """Lay rows out as COPY wants them: two fields, each after its length; pgvector takes none that is not finite."""
    width = rows.shape[1]
    parts = [("fields", ">i2"), ("bytes", ">i4"), ("number", ">i4"), ("more", ">i4"), ("width", ">i2"), ("zero", ">i2")]
    packed = np.zeros(len(rows), np.dtype([*parts, ("vector", ">f4", (width,))]))
    packed["fields"], packed["bytes"], packed["more"], packed["width"] = 2, 4, 4 + 4 * width, width
    packed["number"], packed["vector"] = np.arange(first, first + len(rows)), rows
    return packed[np.isfinite(rows).all(axis=1)].tobytes()


def _drop_unused(connection: psycopg.Connection) -> None:
    """Drop the tables that nobody has opened for DAYS."""
    before = f"{datetime.now(UTC) - timedelta(days=DAYS):%Y-%m-%d}"
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'"
        " AND obj_description(oid, 'pg_class') < %s",
        (SCHEMA, before),
    )
    for (table,) in found.fetchall():
        connection.execute(sql.SQL("DROP TABLE {}").format(_named(table)))


def _named(table: str) -> sql.Identifier:
    return sql.Identifier(SCHEMA, table)
