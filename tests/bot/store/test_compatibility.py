"""Two versions of the program work on one database, as far as the migrations say that they do."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import Engine, NullPool, event, text

from bot.doctor import database as doctor
from bot.doctor.disk import store as look
from bot.errors import StoreError
from bot.settings import Settings
from bot.store import persons, servers
from bot.store.coordination import Topic
from bot.store.copying import SqlitePlace
from bot.store.database import Store
from bot.store.migrate import FILE, HEAD, Tables, known_revisions, migrate, run_migrations, tables
from bot.store.postgresql.connecting import engine
from bot.store.schema import PERSON, Held, metadata
from tests.bot.store.later import LATER, later_database, later_migrations, make_later
from tests.postgresql import Server

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BEFORE = "0007"
"""The last migration before the rule."""

# Everything that a migration may do beside programs that do not know it.
ADDING = (
    r"CREATE TABLE (?P<new>\w+) .*",
    r"CREATE (UNIQUE )?INDEX \w+ ON (?P<own>\w+) .*",
    r"CREATE INDEX \w+ ON \w+ .*",
    r"INSERT INTO (?P<filled>\w+) .*",
    r"ALTER TABLE \w+ ADD COLUMN \w+ \w+(\(\d+\))?( DEFAULT ('[^']*'|\w+)( NOT NULL)?)?",
)


def forbidden(statements: list[str]) -> list[str]:
    """List what may not be in an expanding migration: all that programs before it could trip over."""
    found: list[str] = []
    new: set[str] = set()
    for statement in (" ".join(each.split()) for each in statements):
        for pattern in ADDING:
            if (adding := re.fullmatch(pattern, statement)) is None:
                continue
            named = adding.groupdict()
            new |= {each for each in [named.get("new")] if each}
            if {named.get("own"), named.get("filled")} - {None} <= new:
                break
        else:
            found.append(statement)
    return found


def executed(address: str) -> dict[str, list[str]]:
    """Run all migrations on PostgreSQL; give the statements of each."""
    found = {}
    made = engine(address, poolclass=NullPool)
    for revision in known_revisions():
        with made.begin() as connection, heard(made) as found[revision]:
            run_migrations(connection, revision)
    return found


def _rolled_back(address: str, folder: Path) -> list[str]:
    """Give the statements of the later migration of a folder."""
    made = engine(address, poolclass=NullPool)
    with made.connect() as connection, connection.begin() as transaction, heard(made) as found:
        run_migrations(connection, LATER, folder=folder)
        transaction.rollback()
    return found


@contextmanager
def heard(made: Engine) -> Iterator[list[str]]:
    """Collect the statements that change something, without those for alembic's own table."""
    found: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if re.match(r"\s*(CREATE|ALTER|DROP|INSERT|UPDATE|DELETE|TRUNCATE)", statement) and "alembic" not in statement:
            found.append(statement)

    event.listen(made, "before_cursor_execute", note)
    yield found
    event.remove(made, "before_cursor_execute", note)


def modules() -> Iterator[ModuleType]:
    for file in sorted((Path(import_module("bot.store.migrations").__file__ or "").parent / "versions").glob("0*.py")):
        yield import_module(f"bot.store.migrations.versions.{file.stem}")


def test_every_migration_says_with_which_programs_it_works() -> None:
    """`compatible_from` is there, is a revision, is not later than the migration's own, and never goes back."""
    said = [(each.revision, each.compatible_from) for each in modules()]
    assert [revision for revision, _ in said] == known_revisions()
    assert all(oldest in known_revisions() and oldest <= revision for revision, oldest in said)
    assert [oldest for _, oldest in said] == sorted(oldest for _, oldest in said)


def test_an_expanding_migration_only_adds(postgresql: Server) -> None:
    """No statement of a migration that keeps earlier programs working takes away, renames, or demands what is new."""
    run = executed(postgresql.empty())
    for each in modules():
        if each.compatible_from < each.revision:
            assert forbidden(run[each.revision]) == [], each.__name__


def test_people_in_later_tables_are_found_by_name() -> None:
    """A table that an expanding migration adds names people in `person` alone: earlier programs look for that."""
    after = [each for each in modules() if BEFORE < each.revision != each.compatible_from]
    made = {
        name for each in after for name in re.findall(r'create_table\(\s*"(\w+)"', Path(str(each.__file__)).read_text())
    }
    for column in (column for name in made for column in metadata.tables[name].c if PERSON in column.info):
        assert (column.name, column.info[PERSON]) == ("person", Held.THEIRS), column


BREAKING = (
    'op.drop_column("sessions", "guild")',
    'op.drop_table("digests")',
    'op.rename_table("digests", "letters")',
    'op.alter_column("sessions", "guild", new_column_name="server")',
    'op.alter_column("sessions", "guild", nullable=False)',
    'op.alter_column("rounds", "seed", nullable=True)',
    'op.add_column("sessions", sa.Column("added", sa.Integer, nullable=False))',
    'op.add_column("sessions", sa.Column("added", sa.Integer, sa.ForeignKey("rounds.id")))',
    'op.create_index("one_guild", "sessions", ["guild"], unique=True)',
    'op.create_unique_constraint("one_guild", "sessions", ["guild"])',
    'op.execute("UPDATE sessions SET guild = 0")',
)


def test_the_check_of_migrations_knows_what_only_adds(postgresql: Server) -> None:
    """What the made-up migration does is allowed; each of the others could break a program that does not know it."""
    address = postgresql.empty()
    executed(address)
    with later_migrations() as folder:
        only_adds = _rolled_back(address, folder)
    assert len(only_adds) == 4
    assert forbidden(only_adds) == []
    for upgrade in BREAKING:
        with later_migrations(upgrade=f"\n    {upgrade}\n") as folder:
            assert forbidden(_rolled_back(address, folder)), upgrade


@pytest.fixture
def server(request: pytest.FixtureRequest, database: str | None) -> Server | None:
    """The server of PostgreSQL; None on SQLite."""
    return None if database is None else request.getfixturevalue("postgresql")


async def test_a_later_database_is_used_when_it_says_so(
    tmp_path: Path, server: Server | None, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    """It opens, the log and the doctor say why, and nothing about its version is changed."""
    database = later_database(tmp_path, server)
    caplog.set_level(logging.INFO)
    store = Store(tmp_path, database=database)
    await store.open()
    async with store.reading() as connection:
        row = (await connection.execute(text("SELECT * FROM alembic_version"))).mappings().one()
    await store.close()
    assert Tables.of({**row}) == Tables(LATER, HEAD)
    assert "newer version of this program, which says" in caplog.text
    [finding] = [look(settings)] if database is None else [*doctor.look(settings, database)]
    assert finding.fine, finding
    assert "newer version" in finding.sentence


async def test_a_later_database_is_refused_when_it_says_so(tmp_path: Path, server: Server | None) -> None:
    """One sentence, and nothing is changed."""
    database = later_database(tmp_path, server, LATER)
    store = Store(tmp_path, database=database)
    with pytest.raises(StoreError, match="newer version"):
        await store.open()
    await store.close()


async def test_a_person_is_deleted_from_tables_of_a_later_version(tmp_path: Path, server: Server | None) -> None:
    """A program deletes a person's rows also where it does not know the table; those of others stay."""
    database = later_database(tmp_path, server)
    store = Store(tmp_path, database=database)
    async with store.writing() as connection:
        await connection.execute(text("INSERT INTO made_up (person, note) VALUES (7, 'a'), (8, 'b')"))
        await servers.join(connection, 1, 7, NOW)
    async with store.writing(person=7) as connection:
        assert await persons.forget(connection, 7) == 2
    async with store.reading() as connection:
        assert (await connection.execute(text("SELECT person FROM made_up"))).scalars().all() == [8]
    await store.close()


def test_a_later_store_is_not_copied(tmp_path: Path) -> None:
    """What this program does not know would be left behind."""
    later_database(tmp_path, None)
    with pytest.raises(StoreError, match="newer version"):
        SqlitePlace(tmp_path / FILE).prepare()


def test_a_database_from_before_the_rule_says_nothing(tmp_path: Path) -> None:
    """It is used by programs that know its revision, and gets the column with the first migration after."""
    migrate(tmp_path / FILE)
    assert tables(tmp_path / FILE) == Tables(BEFORE, None)
    make_later(tmp_path / FILE)
    assert tables(tmp_path / FILE) == Tables(LATER, HEAD)


async def test_notices_of_a_later_version_are_understood_as_far_as_possible(postgresql: Server, tmp_path: Path) -> None:
    """An unknown topic is ignored; a known one that says more than a number means that something may be missed."""
    store = Store(tmp_path, database=postgresql.migrated())
    heard: list[int | None] = []
    store.coordination.on(Topic.PREFERENCES, heard.append)
    await store.coordination.listen()
    heard.clear()
    for payload in ("later:1", "", "later", "preferences:5:more", "preferences:x", "preferences:6"):
        postgresql.execute(f"SELECT pg_notify('tutor', '{payload}')", "tutor")
    async with asyncio.timeout(10):
        while len(heard) < 3:  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.01)
    await store.close()
    assert heard == [None, None, 6]
