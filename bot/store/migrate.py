"""Migrates the store's file to the newest revision and keeps a copy of the old file.

A database of a later version is used as it is when it says that this program works with it: see docs/store.md.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bot.errors import StoreError
from index.generations.durable import sync
from prompts import words

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = logging.getLogger(__name__)

FILE = "store.sqlite3"
HEAD = "0007"
MIGRATIONS = Path(__file__).parent / "migrations"
_NOTED_AFTER = "0007"
"""The last revision whose databases do not note with which programs they work: only its own."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The last migration of a database, and the oldest revision whose programs work with it; None when not noted."""

    revision: str
    compatible_from: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read a row of `alembic_version`, which has no column for the second value in old databases."""
        return cls(row["version_num"], row.get("compatible_from"))

    @property
    def is_later(self) -> bool:
        """Whether it was migrated by a later version of this program."""
        return self.revision.isdecimal() and len(self.revision) == len(HEAD) and self.revision > HEAD

    @property
    def is_usable(self) -> bool:
        """Whether this program works with it, after its own migrations where it is older."""
        noted = self.compatible_from
        return self.revision in known_revisions() or (self.is_later and noted is not None and noted <= HEAD)


def migrate(path: Path) -> None:
    """Create the file or bring it up to date; raises StoreError, the file untouched, when that is not possible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        found = tables(path)
        if found is not None:
            if not found.is_usable:
                raise StoreError(words("errors.store_newer", path=path))
            if found.is_later:
                log.info("%s", words("doctor.store.newer", path=path))
            if found.revision >= HEAD:
                return
            _copy(path, path.with_name(f"{path.name}.{found.revision}"))
            _compact(path)
        upgrade(path, HEAD)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(words("errors.store_unusable", path=path, reason=error)) from error


def known_revisions() -> list[str]:
    """Return all revisions, oldest first."""
    return sorted(file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def upgrade(path: Path, revision: str) -> None:
    """Run the migrations up to a revision; raises StoreError."""
    from sqlalchemy.exc import DBAPIError

    try:
        with closing(sqlite3.connect(path)) as connection:
            upgrade_connection(connection, revision)
    except DBAPIError as error:
        raise StoreError(words("errors.store_unusable", path=path, reason=error.orig)) from error


def upgrade_connection(connection: sqlite3.Connection, revision: str) -> None:
    """Run the migrations up to a revision on an open database; raises sqlalchemy.exc.DBAPIError."""
    from sqlalchemy import StaticPool, create_engine, event

    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "connect", _leave_transactions_alone)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as transaction:
        run_migrations(transaction, revision)


def run_migrations(transaction: Connection, revision: str, *, folder: Path = MIGRATIONS) -> None:
    """Run the migrations up to a revision in a transaction, on either database; raises sqlalchemy.exc.DBAPIError."""
    from alembic import command  # only when needed: slow to import
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = transaction
    command.upgrade(config, revision)


def note_compatible(transaction: Connection, revision: str, compatible_from: str) -> None:
    """Note in a database of this revision the oldest one whose programs work with it; env.py calls it."""
    from sqlalchemy import inspect, text

    if revision <= _NOTED_AFTER:
        return
    if len(inspect(transaction).get_columns("alembic_version")) == 1:
        transaction.execute(text("ALTER TABLE alembic_version ADD COLUMN compatible_from VARCHAR(32)"))
    transaction.execute(text("UPDATE alembic_version SET compatible_from = :oldest"), {"oldest": compatible_from})


def _leave_transactions_alone(connection: sqlite3.Connection, record: object) -> None:
    # Otherwise the driver would change tables outside the transaction.
    connection.isolation_level = None
    connection.execute("PRAGMA secure_delete=ON")


def revision(path: Path) -> str | None:
    """Return the revision of a file, read-only; None for a new one. Raises sqlite3.Error."""
    found = tables(path)
    return None if found is None else found.revision


def tables(path: Path) -> Tables | None:
    """Return what a file says of its tables, read-only; None for a new one. Raises sqlite3.Error."""
    if not path.exists():
        return None
    with reading(path) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        connection.row_factory = sqlite3.Row
        row = connection.execute("SELECT * FROM alembic_version").fetchone()
        return Tables.of(dict(row)) if row else None


def check_whole(path: Path) -> None:
    """Check every page of a file that nobody writes to; raises sqlite3.Error when it is damaged."""
    with reading(path) as connection:
        [first, *_] = connection.execute("PRAGMA integrity_check").fetchall()
        if first != ("ok",):
            raise sqlite3.DatabaseError(str(first[0]).splitlines()[0])


def copy(source: Path, target: Path) -> None:
    """Copy one snapshot of a store, which may be in use."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file read-only, after rolling back the transaction of a killed process."""
    address = path.absolute().as_uri()
    try:
        with closing(sqlite3.connect(f"{address}?mode=ro", uri=True)) as looking:
            looking.execute("PRAGMA schema_version")
    except sqlite3.OperationalError as error:
        # A read-only connection cannot roll back, and would be refused for ever.
        if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
            raise
        with closing(sqlite3.connect(f"{address}?mode=rw", uri=True)) as mending:
            mending.execute("PRAGMA schema_version")
    with closing(sqlite3.connect(f"{address}?mode=ro", uri=True)) as connection:
        yield connection


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as old:
        old.execute("VACUUM INTO ?", [str(target)])
    sync(target)  # SQLite does not; the upgrade needs the copy even after a power cut
    sync(target.parent)


def _compact(path: Path) -> None:
    """Rewrite a file without the deleted rows that older versions left in free space."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("VACUUM")
