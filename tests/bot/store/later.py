"""A database as a later version of the program would leave it: a migration that only adds, made up for the tests."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine

from bot.store.migrate import FILE, HEAD, MIGRATIONS, migrate, run_migrations
from bot.store.schema import metadata
from tests.postgresql import Server

LATER = f"{int(HEAD) + 1:04}"
EXPANDING = """
    op.create_table(
        "made_up",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person", sa.Integer, nullable=False),
        sa.Column("note", sa.String),
    )
    op.create_index("made_up_by_person", "made_up", ["person"])
    op.add_column("sessions", sa.Column("made_up", sa.String))
    op.add_column("preferences", sa.Column("made_up", sa.Integer, nullable=False, server_default="3"))
"""


@contextmanager
def later_migrations(compatible_from: str = HEAD, upgrade: str = EXPANDING) -> Iterator[Path]:
    """Make a copy of the migrations' folder with one more; `upgrade` is the body of its function."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "migrations"
        shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / f"{LATER}_made_up.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n\n"
            f'revision, down_revision, compatible_from = "{LATER}", "{HEAD}", "{compatible_from}"\n\n\n'
            f"def upgrade() -> None:{upgrade}",
            encoding="utf-8",
        )
        yield folder


def make_later(database: str | Path, compatible_from: str = HEAD, upgrade: str = EXPANDING) -> None:
    """Bring a file, or the database at an address, to the revision after the newest."""
    with later_migrations(compatible_from, upgrade) as folder, _writing(database) as connection:
        run_migrations(connection, LATER, folder=folder)


def later_database(data: Path, server: Server | None, compatible_from: str = HEAD) -> str | None:
    """Make a later store in a data folder, or on a server, and give the address of that one."""
    if server is None:
        migrate(data / FILE)
        make_later(data / FILE, compatible_from)
        return None
    address = _on(server, compatible_from)
    tables = ", ".join(("made_up", *metadata.tables))
    server.execute(f"TRUNCATE {tables} RESTART IDENTITY", address.split("/")[3].split("?")[0])
    return address


@cache
def _on(server: Server, compatible_from: str) -> str:
    """Make a database once for all tests: that takes seconds."""
    address = server.empty()
    make_later(address, compatible_from)
    return address


@contextmanager
def _writing(database: str | Path) -> Iterator[Connection]:
    if isinstance(database, Path):
        made = create_engine("sqlite://", creator=lambda: sqlite3.connect(database), poolclass=NullPool)
    else:
        from bot.store.postgresql.connecting import engine

        made = engine(database, poolclass=NullPool)
    with made.begin() as connection:
        yield connection
    made.dispose()
