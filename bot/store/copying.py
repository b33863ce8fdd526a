"""Copies every row of a store between SQLite and PostgreSQL in one transaction, and compares what arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import URL, Column, Connection, Integer, MetaData, Table, create_engine, select, text
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreError
from bot.store import pending_deletions
from bot.store.connections import behave
from bot.store.migrate import HEAD, migrate, revision
from bot.store.schema import Moment, metadata
from bot.store.troubles import explained
from prompts import words

_BATCH = 5000
_DIGEST_BYTES = 16

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Copied:
    """A table whose rows are the same in both stores: how many, and the sum of their hashes as hex digits.

    `replaced` counts texts in which PostgreSQL cannot hold a character, see `storable`.
    """

    table: str
    rows: int
    digest: str
    replaced: int = 0


class Place(Protocol):
    """A store to copy from or to."""

    name: str

    def prepare(self) -> None:
        """Migrate it to the newest revision; raises StoreError."""

    def open(self) -> Any:
        """Return a context with a connection in one transaction on one snapshot."""

    def refuse_in_use(self, connection: Connection) -> None:
        """Raise StoreError while a bot uses it."""

    def cleaned(self, row: Row) -> Row:
        """Return a row as this place can hold it."""

    def insert(self, connection: Connection, table: Table, rows: Iterable[Row]) -> None:
        """Insert rows, which have the order of the table's columns."""

    def last_number(self, connection: Connection, table: str) -> int:
        """Return the largest number that was ever given to a row."""

    def go_on_after(self, connection: Connection, table: str, number: int) -> None:
        """Give only larger numbers to new rows."""

    def marked(self, connection: Connection) -> list[int]:
        """Return the people whose deletion is not complete."""

    def mark(self, connection: Connection, person: int) -> None:
        """Record that a person's deletion is not complete."""


class SqlitePlace:
    """A file `store.sqlite3`; its caller holds the lock of its `folder`."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self.folder = path.parent
        self._path = path

    def prepare(self) -> None:
        """Migrate the file, or make it."""
        migrate(self._path)
        if revision(self._path) != HEAD:  # what this program does not know would be left behind
            raise StoreError(words("errors.store_newer", path=self._path))

    @contextmanager
    def open(self) -> Iterator[Connection]:
        """Return a connection in a transaction."""
        engine = create_engine(URL.create("sqlite", database=str(self._path)), hide_parameters=True)
        behave(engine)
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
        except DBAPIError as error:
            raise explained(error, self._path) or error from error
        finally:
            engine.dispose()

    def refuse_in_use(self, connection: Connection) -> None:
        """Do nothing: the lock of the data folder says so."""

    def cleaned(self, row: Row) -> Row:
        """Return the row: SQLite holds every text."""
        return row

    def insert(self, connection: Connection, table: Table, rows: Iterable[Row]) -> None:
        """Insert in batches."""
        statement = f"INSERT INTO {quoted(table.name)} ({columns_of(table)}) VALUES ({', '.join('?' * len(table.c))})"
        remaining = iter(rows)
        while batch := list(islice(remaining, _BATCH)):
            connection.exec_driver_sql(statement, batch)

    def last_number(self, connection: Connection, table: str) -> int:
        """Return what AUTOINCREMENT noted, or the largest number."""
        noted = text("SELECT max(seq) FROM sqlite_sequence WHERE name = :table")
        found = connection.execute(noted, {"table": table}).scalar()
        return max(found or 0, connection.exec_driver_sql(f"SELECT max(id) FROM {quoted(table)}").scalar() or 0)

    def go_on_after(self, connection: Connection, table: str, number: int) -> None:
        """Note the number for tables with AUTOINCREMENT; the others count from their largest."""
        if metadata.tables[table].dialect_options["sqlite"]["autoincrement"]:
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), {"table": table})
            row = {"table": table, "number": number}
            connection.execute(text("INSERT INTO sqlite_sequence VALUES (:table, :number)"), row)

    def marked(self, connection: Connection) -> list[int]:
        """Return the marks in the data folder."""
        return pending_deletions.marked(self._path.parent)

    def mark(self, connection: Connection, person: int) -> None:
        """Write a mark into the data folder."""
        pending_deletions.mark(self._path.parent, person)


def copy_store(source: Place, target: Place, done: Callable[[Copied], None]) -> None:
    """Copy all rows and call `done` for each table that is the same in both.

    Raises StoreError, the target without any of the rows, when a bot uses one of them, when the target has rows, or
    when a row did not arrive as it was.
    """
    source.prepare()
    target.prepare()
    with source.open() as old, target.open() as new:
        source.refuse_in_use(old)
        target.refuse_in_use(new)
        plain = [_plain(table) for table in metadata.sorted_tables]
        for table in plain:
            if new.execute(select(table).limit(1)).first() is not None:
                raise StoreError(words("errors.copy.not_empty", place=target.name, table=table.name))
        for table in plain:
            done(_copied(table, source, old, target, new))
        for person in source.marked(old):
            target.mark(new, person)


def _copied(table: Table, source: Place, old: Connection, target: Place, new: Connection) -> Copied:
    wanted, replaced = _Digest(), [0]

    def read() -> Iterator[Row]:
        for row in _rows(old, table):
            held = target.cleaned(row)
            replaced[0] += held != row
            wanted.add(held)
            yield held

    target.insert(new, table, read())
    found = _Digest()
    for row in _rows(new, table):
        found.add(row)
    if (found.rows, found.hex) != (wanted.rows, wanted.hex):
        raise StoreError(words("errors.copy.differs", table=table.name, wanted=wanted.rows, found=found.rows))
    if "id" in table.c:
        target.go_on_after(new, table.name, source.last_number(old, table.name))
    return Copied(table.name, wanted.rows, wanted.hex, replaced[0])


class _Digest:
    """Adds up the hashes of rows: the order does not matter, which differs between databases."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, row: Row) -> None:
        self.rows += 1
        self._sum += int.from_bytes(
            blake2b(repr(row).encode(errors="surrogatepass"), digest_size=_DIGEST_BYTES).digest()
        )

    @property
    def hex(self) -> str:
        return f"{self._sum % 2 ** (8 * _DIGEST_BYTES):0{2 * _DIGEST_BYTES}x}"


def _plain(table: Table) -> Table:
    """Return a table whose times are the numbers that are stored."""
    columns = [Column(c.name, Integer() if isinstance(c.type, Moment) else c.type) for c in table.c]
    return Table(table.name, MetaData(), *columns)


def _rows(connection: Connection, table: Table) -> Iterator[Row]:
    streamed = connection.execute(select(table), execution_options={"yield_per": _BATCH})
    return (tuple(row) for row in streamed)


def quoted(name: str) -> str:
    """Return a name for a statement."""
    return f'"{name}"'


def columns_of(table: Table) -> str:
    """Return the names of a table's columns for a statement."""
    return ", ".join(quoted(column.name) for column in table.c)
