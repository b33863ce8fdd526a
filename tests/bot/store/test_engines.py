"""The store on SQLite and on PostgreSQL: the same tables, the same answers, and failures that people can mend."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
import sqlalchemy
from sqlalchemy import NullPool, inspect, text

from bot import doctor
from bot.errors import StoreError, StoreTrouble
from bot.quiz.review import State
from bot.settings import Settings, load_settings
from bot.store import drafts, memberships, preferences, servers, unanswered
from bot.store.database import Connection, Store
from bot.store.migrate import FILE, HEAD, Tables, known_revisions, migrate, run_migrations
from bot.store.postgresql import migrating
from bot.store.postgresql.connecting import engine, shown
from bot.store.postgresql.dialect import storable
from bot.store.preferences import Preferences
from bot.store.schema import metadata
from tests.bot.store.later import later_database
from tests.postgresql import Server

NOW = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)
LARGE = 2**62 + 1


@pytest_asyncio.fixture(params=["own", "later"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, database: str | None) -> AsyncIterator[Store]:
    """A store with the tables of this version, and with those of a later one that only added to them."""
    if request.param == "later":
        database = later_database(tmp_path, None if database is None else request.getfixturevalue("postgresql"))
    opened = Store(tmp_path, database=database)
    await opened.open()
    yield opened
    await opened.close()


async def test_both_store_and_replace_the_same(store: Store) -> None:
    """Ids of 63 bits, times to the microsecond, insert-or-update, counts and order are the same in both."""
    async with store.writing() as connection:
        for role in (LARGE, LARGE + 1):
            await preferences.save(connection, LARGE, Preferences(role, counts_gaps=True))
        await memberships.save(connection, [LARGE, 2], None)
        await memberships.save(connection, [2], NOW)
        for complaint in ("first", "“zweite” ✓ 😀"):
            await servers.dispute(connection, person=LARGE, guild=1, item="i", complaint=complaint, now=NOW)
        for person in (2, 1, 3, 1):
            await servers.join(connection, 1, person, NOW)
        await drafts.add(connection, 1, [(f"item-{n}", "a", "A", {"n": n}) for n in (2, 1)], NOW)
        await drafts.add(connection, 1, [("item-0", "a", "A", {})], NOW)
        for number in range(5):
            await unanswered.add(connection, 1, unanswered.UnansweredQuestion(f"{number}?", "closest", NOW))
        await unanswered.keep_newest(connection, 1, 3)
    async with store.reading() as connection:
        assert await preferences.load(connection, LARGE) == Preferences(LARGE + 1, counts_gaps=True)
        assert await memberships.every(connection) == {LARGE: None, 2: NOW}
        assert [each.complaint for each in await servers.every_dispute(connection)] == ["“zweite” ✓ 😀"]
        assert {rank.person for rank in await servers.leaderboard(connection, 1, NOW, 10)} == {1, 2, 3}
        pending = await drafts.in_state(connection, 1, State.PENDING)
        assert [(each.item, each.number) for each in pending] == [("item-2", 1), ("item-1", 2), ("item-0", 3)]
        assert [each.question for each in await unanswered.of_server(connection, 1)] == ["4?", "3?", "2?"]


async def test_a_failed_change_leaves_nothing(store: Store) -> None:
    """A transaction is there whole or not at all."""

    async def fail() -> None:
        async with store.writing(server=1) as connection:
            await preferences.save(connection, 1, Preferences(5))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.reading() as connection:
        assert await preferences.load(connection, 1) == Preferences()


@pytest.mark.parametrize("locked", [{}, {"server": 1}, {"person": 7, "server": 1}, {"round_id": 3}])
async def test_who_reads_and_then_writes_takes_turns(store: Store, locked: dict[str, int]) -> None:
    """Forty changes at once that read before they write are all there, whatever they lock; one locks everything."""
    async with store.writing() as connection:
        await preferences.save(connection, 1, Preferences(0))

    async def count(**arguments: int) -> None:
        async with store.writing(**arguments) as connection:
            role = (await preferences.load(connection, 1)).role or 0
            await preferences.save(connection, 1, Preferences(role + 1))

    await asyncio.gather(*(count(**(locked if number % 8 else {})) for number in range(40)))
    async with store.reading() as connection:
        assert (await preferences.load(connection, 1)).role == 40


async def test_what_cannot_be_stored_is_replaced_and_nothing_else(store: Store, database: str | None) -> None:
    """NUL and half a surrogate pair in a person's words do not keep the rest from being stored on PostgreSQL."""
    if database is None:
        return
    async with store.writing() as connection:
        await servers.dispute(connection, person=1, guild=1, item="i", complaint="a\0b \ud83d c ✓", now=NOW)
        assert not await servers.restore(connection, 1, "no\0item")
    async with store.reading() as connection:
        assert [each.complaint for each in await servers.every_dispute(connection)] == ["a\ufffdb \ufffd c ✓"]
    assert storable("plain") == "plain"


def shape(address: str) -> dict[str, object]:
    """Describe every table: columns, keys, checks and indexes; as SQLAlchemy's own dialect reads them."""
    plain = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(address), poolclass=NullPool
    )
    seen = inspect(plain)
    return {
        table: (
            [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in seen.get_columns(table)],
            seen.get_pk_constraint(table)["constrained_columns"],
            sorted(str(k["column_names"]) for k in seen.get_unique_constraints(table)),
            sorted((k["referred_table"], str(k["options"])) for k in seen.get_foreign_keys(table)),
            sorted((i["name"] or "", str(i["column_names"])) for i in seen.get_indexes(table)),
            sorted(k["name"] or "" for k in seen.get_check_constraints(table)),
        )
        for table in metadata.tables
    }


def test_the_migrations_make_the_declared_tables_on_postgresql(postgresql: Server) -> None:
    """From nothing and from every earlier version; integers have 64 bits everywhere."""
    stepwise, declared = postgresql.empty(), postgresql.empty()
    for revision in known_revisions():
        with engine(stepwise, poolclass=NullPool).begin() as connection:
            run_migrations(connection, revision)
    with engine(declared, poolclass=NullPool).begin() as connection:
        metadata.create_all(connection)
    found = shape(stepwise)
    assert found == shape(declared)
    assert "INTEGER" not in str(found)
    assert "BIGINT" in str(found)


async def test_several_processes_may_start_at_once(postgresql: Server, tmp_path: Path) -> None:
    """One of them migrates; all work."""
    address = postgresql.empty()
    stores = [Store(tmp_path, database=address) for _ in range(4)]
    await asyncio.gather(*(each.open() for each in stores))
    await asyncio.gather(*(each.probe() for each in stores))
    for each in stores:
        await each.close()
    assert migrating.state(address).tables == Tables(HEAD)


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Server]:
    """A server that asks for passwords and may be stopped."""
    server = Server(autovacuum="on").start()
    server.execute("CREATE ROLE reader LOGIN PASSWORD 'right'")
    server.execute("CREATE DATABASE tutor")
    server.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC", "tutor")
    (server.data / "pg_hba.conf").write_text("local all postgres trust\nlocal all all scram-sha-256\n")
    server.execute("SELECT pg_reload_conf()")
    yield server
    server.remove()


def test_a_process_waits_for_the_migration_of_another(postgresql: Server) -> None:
    """A migration of a large table takes longer than a press may wait for a lock: nobody ends because of it."""
    address = f"{postgresql.empty()}&options=-c%20lock_timeout%3D50ms"
    with psycopg.connect(address) as other, ThreadPoolExecutor() as threads:
        other.execute(f"SELECT pg_advisory_xact_lock({migrating._MIGRATION})")
        waiting = threads.submit(migrating.migrate, address)
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        other.commit()
        waiting.result(30)
    found = migrating.state(address).tables
    assert found is not None
    assert found.revision == HEAD


@pytest.mark.slow
async def test_a_server_that_is_away_refuses_kindly_and_comes_back(strict: Server, tmp_path: Path) -> None:
    """Wrong password, missing rights, a stopped server and a standby are a sentence, in the doctor's findings too.

    After a restart the first press works.
    """
    with pytest.raises(StoreError, match="refuses the user or the password") as wrong:
        migrating.migrate(strict.address("tutor", "reader:wrong"))
    assert "wrong@" not in str(wrong.value)
    assert doctor_says(strict.address("tutor", "reader:wrong"), tmp_path) == str(wrong.value)
    with pytest.raises(StoreError, match="may not make or change tables"):
        migrating.migrate(strict.address("tutor", "reader:right"))
    with pytest.raises(StoreError, match=r"no_such.* cannot be used .*does not exist"):
        migrating.migrate(strict.address("no_such"))
    store = Store(tmp_path, database=strict.address("tutor"))

    async def note(server: int) -> None:
        async with store.writing(server=server) as connection:
            await preferences.save(connection, server, Preferences(1))

    await asyncio.gather(*(note(server) for server in range(5)))
    heard: list[int | None] = []
    store.coordination.on(migrating_topic(), heard.append)
    await store.coordination.listen()
    strict.stop(at_once=True)
    for work in (note(6), store.probe(), store.coordination.mark_deletion(7)):
        with pytest.raises(StoreError) as away:
            await work
        assert away.value.trouble is StoreTrouble.FAILING
    strict.start()
    await asyncio.gather(*(note(server) for server in range(6, 11)))
    await store.probe()
    before = len(heard)
    for _ in range(400):
        if len(heard) > before or heard.count(None) > 1:
            break
        await asyncio.sleep(0.02)
    assert heard.count(None) > 1, "what was missed meanwhile is told"
    async with store.reading() as connection:
        assert len(await memberships.with_own_rows(connection)) == 10
    strict.execute("ALTER DATABASE tutor SET default_transaction_read_only = on")
    # With a timeout in ms it waits until they are gone: a connection that is cut while it writes is another trouble.
    strict.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'tutor'")
    with pytest.raises(StoreError) as read_only:
        await note(12)
    assert read_only.value.trouble is StoreTrouble.READ_ONLY
    await store.close()
    strict.stop()
    (strict.data / "standby.signal").touch()
    strict.start()
    with pytest.raises(StoreError, match=r"read-only replica.*target_session_attrs") as standby:
        migrating.migrate(strict.address("tutor"))
    assert doctor_says(strict.address("tutor"), tmp_path) == str(standby.value)


def doctor_says(address: str, data: Path) -> str:
    settings = Settings.model_validate({"data": data, "database": address})
    [finding] = doctor.database.look(settings, address)
    assert finding.fine is False
    return finding.sentence


def migrating_topic() -> Any:
    from bot.store.coordination import Topic

    return Topic.PREFERENCES


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        (["UPDATE alembic_version SET version_num = '9999'"], "newer version"),
        (["UPDATE alembic_version SET version_num = '1a2b3c4d5e6f'"], "another program"),
        (["DROP TABLE alembic_version"], "another program.*table answers"),
    ],
)
def test_a_database_of_others_is_refused_and_untouched(
    postgresql: Server, statements: list[str], sentence: str
) -> None:
    """A newer version's or another program's database is somebody's data."""
    address = postgresql.empty()
    migrating.migrate(address)
    name = address.removeprefix("postgresql://postgres@/").partition("?")[0]
    for statement in statements:
        postgresql.execute(statement, name)
    count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    before = postgresql.execute(count, name)
    with pytest.raises(StoreError, match=sentence):
        migrating.migrate(address)
    assert postgresql.execute(count, name) == before


def test_a_foreign_encoding_is_refused_and_another_clock_is_named(
    postgresql: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The sentence says what to make; a clock that is far off is said, by the doctor too, and changes nothing."""
    address = postgresql.migrated()
    with monkeypatch.context() as patched:
        patched.setattr(migrating, "_STATE", migrating._STATE.replace("current_setting('server_encoding')", "'LATIN1'"))
        with pytest.raises(StoreError, match="LATIN1"):
            migrating.state(address)
    shifted = migrating._STATE.replace("clock_timestamp()", "(clock_timestamp() + interval '1 hour')")
    monkeypatch.setattr(migrating, "_STATE", shifted)
    with caplog.at_level(logging.WARNING):
        migrating.migrate(address)
    assert "differ by 3600 seconds" in caplog.text
    settings = Settings.model_validate({"database": address})
    assert [each.fine for each in doctor.database.look(settings, address)] == [True, False]


async def test_a_file_that_is_not_used_is_named(
    postgresql: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever sets TUTOR_DATABASE and forgets the rows of the SQLite file reads how to bring them over."""
    migrate(tmp_path / FILE)
    store = Store(tmp_path, database=postgresql.migrated())
    with caplog.at_level(logging.WARNING):
        await store.open()
    await store.close()
    assert f"{tmp_path / FILE} is not used" in caplog.text
    assert "tutor store copy" in caplog.text


def test_the_setting_is_checked_and_never_shown(tmp_path: Path) -> None:
    """Another kind of address is refused with a sentence; a password is in no sentence and no dump."""
    address = "postgresql://tutor:hidden@db.example:5433/tutor"
    settings = Settings(_env_file=None, data=tmp_path, database=address)  # type: ignore[arg-type]
    assert settings.database_address == address
    assert "hidden" not in repr(settings)
    assert shown(address) == "db.example:5433/tutor"
    with pytest.raises(Exception, match="TUTOR_DATABASE: the address of a PostgreSQL database is"):
        load_settings(_env_file=None, database="mysql://root@localhost")
    with pytest.raises(StoreError, match="cannot be read") as unreadable:
        shown("postgresql://tutor:hid%den@db.example/tutor")
    assert "hid" not in str(unreadable.value)


async def test_an_error_does_not_repeat_a_row(store: Store) -> None:
    """A second row with the same key is a fault of ours, with its traceback, but without the values."""
    row = text(f"INSERT INTO contenders VALUES (1, {LARGE}, 1)")

    async def twice(connection: Connection) -> None:
        for _ in range(2):
            await connection.execute(row)

    with pytest.raises(Exception, match=r"(?i)unique") as fault:
        async with store.writing() as connection:
            await twice(connection)
    assert "DETAIL" not in str(fault.value)
