"""Migrates the store's file to the newest revision and keeps a copy of the old file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import StoreError
from index.generations.durable import sync
from prompts import words

if TYPE_CHECKING:
    from sqlalchemy import Connection

FILE = "store.sqlite3"
HEAD = "0007"
_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(path: Path) -> None:
    """Create the file or bring it up to date; raises StoreError, the file untouched, when that is not possible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        found = revision(path)
        if found == HEAD:
            return
        if found is not None:
            if found not in known_revisions():
                raise StoreError(words("errors.store_newer", path=path))
            _copy(path, path.with_name(f"{path.name}.{found}"))
            _compact(path)
        upgrade(path, HEAD)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(words("errors.store_unusable", path=path, reason=error)) from error


def known_revisions() -> list[str]:
    """Return all revisions, oldest first."""
    return sorted(file.name.split("_")[0] for file in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


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


def run_migrations(transaction: Connection, revision: str) -> None:
    """Run the migrations up to a revision in a transaction, on either database; raises sqlalchemy.exc.DBAPIError."""
    from alembic import command  # only when needed: slow to import
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = transaction
    command.upgrade(config, revision)


def _leave_transactions_alone(connection: sqlite3.Connection, record: object) -> None:
    # Otherwise the driver would change tables outside the transaction.
    connection.isolation_level = None
    connection.execute("PRAGMA secure_delete=ON")


def revision(path: Path) -> str | None:
    """Return the revision of a file, read-only; None for a new one. Raises sqlite3.Error."""
    if not path.exists():
        return None
    with reading(path) as connection:
        named = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if named else None
        return row[0] if row else None


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
