"""The store keeps what it acknowledged, and refuses what it cannot keep."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from bot.errors import StoreError
from bot.store.connections import behave
from bot.store.database import Store
from bot.store.migrate import FILE, HEAD, known_revisions, migrate, upgrade
from bot.store.schema import metadata

ROOT = Path(__file__).parents[3]


def shape(path: Path) -> dict[str, object]:
    """Describe every table: columns, keys and indexes."""
    engine = create_engine(f"sqlite:///{path}")
    try:
        seen = inspect(engine)
        return {
            table: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)],
                seen.get_pk_constraint(table)["constrained_columns"],
                sorted(str(k["column_names"]) for k in seen.get_unique_constraints(table)),
                sorted((k["referred_table"], str(k["constrained_columns"])) for k in seen.get_foreign_keys(table)),
                sorted((i["name"] or "", str(i["column_names"])) for i in seen.get_indexes(table)),
            )
            for table in sorted(seen.get_table_names())
            if table != "alembic_version"
        }
    finally:
        engine.dispose()


def declared(path: Path) -> dict[str, object]:
    engine = create_engine(f"sqlite:///{path}")
    behave(engine)
    metadata.create_all(engine)
    engine.dispose()
    return shape(path)


def test_the_newest_migration_is_the_one_that_is_asked_for() -> None:
    """HEAD names the last file of the folder."""
    assert known_revisions()[-1] == HEAD


@pytest.mark.parametrize("first", [None, *known_revisions()])
def test_every_version_comes_to_the_declared_tables(tmp_path: Path, first: str | None) -> None:
    """From nothing and from every earlier version, the migrations end where schema.py stands."""
    path = tmp_path / FILE
    if first is not None:
        upgrade(path, first)
    migrate(path)
    assert shape(path) == declared(tmp_path / "declared.sqlite3")


def test_an_upgrade_keeps_the_rows_and_a_copy(tmp_path: Path) -> None:
    """What was in the first version is there after the upgrade, and the file before it can be taken back."""
    path = tmp_path / FILE
    upgrade(path, "0001")
    with closing(sqlite3.connect(path)) as old, old:
        old.execute("INSERT INTO sessions (person, created_at) VALUES (7, 0)")
    migrate(path)
    for file in (path, tmp_path / f"{FILE}.0001"):
        with closing(sqlite3.connect(file)) as found:
            assert found.execute("SELECT person FROM sessions").fetchall() == [(7,)]


def test_a_newer_store_is_refused_and_untouched(tmp_path: Path) -> None:
    """A version that this program does not know is somebody's data."""
    path = tmp_path / FILE
    migrate(path)
    with closing(sqlite3.connect(path)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer version"):
        migrate(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    """The sentence names the file and says what to do."""
    path = tmp_path / FILE
    path.write_bytes(b"this is no database " * 100)
    with pytest.raises(StoreError, match=FILE):
        migrate(path)


async def test_the_file_is_durable_and_checked(tmp_path: Path) -> None:
    """WAL, a sync at every commit, and foreign keys that hold."""
    store = Store(tmp_path)
    async with store.reading() as connection:
        pragmas = [
            (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    await store.close()
    assert pragmas == ["wal", 2, 1]


async def test_a_failed_change_leaves_nothing(tmp_path: Path) -> None:
    """A transaction is there whole or not at all."""
    store = Store(tmp_path)

    async def fail() -> None:
        async with store.writing() as connection:
            await connection.execute(text("INSERT INTO contenders VALUES (1, 1, 1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM contenders"))).scalar_one() == 0
    await store.close()


async def test_many_writers_take_turns(tmp_path: Path) -> None:
    """Two hundred changes at once that read before they write are all there."""
    store = Store(tmp_path)
    async with store.writing() as connection:
        await connection.execute(text("INSERT INTO contenders VALUES (1, 1, 0)"))

    async def count() -> None:
        async with store.writing() as connection:
            seen = (await connection.execute(text("SELECT joined_at FROM contenders"))).scalar_one()
            await connection.execute(text("UPDATE contenders SET joined_at = :n"), {"n": seen + 1})

    await asyncio.gather(*(count() for _ in range(200)))
    async with store.reading() as connection:
        assert (await connection.execute(text("SELECT joined_at FROM contenders"))).scalar_one() == 200
    await store.close()


@pytest.mark.slow
def test_a_killed_upgrade_begins_anew(tmp_path: Path) -> None:
    """A process that dies within a migration leaves the version before it, whole."""
    path = tmp_path / FILE
    upgrade(path, "0001")
    before = shape(path)
    killed = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "import alembic.op as op\n"
        "from bot.store.migrate import migrate\n"
        "real = op.create_table\n"
        "def dying(name, *a, **k):\n"
        "    if name == 'retired': os.kill(os.getpid(), 9)\n"
        "    return real(name, *a, **k)\n"
        "op.create_table = dying\n"
        "migrate(Path(sys.argv[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", killed, str(path)], cwd=ROOT, check=False)
    assert done.returncode == -9
    assert shape(path) == before
    migrate(path)
    assert shape(path) == declared(tmp_path / "declared.sqlite3")


def test_an_upgrade_killed_while_it_writes_begins_anew(tmp_path: Path) -> None:
    """A restored store has no WAL: what a dead process had written into the file itself is taken back, not refused."""
    path = tmp_path / FILE
    upgrade(path, "0001")
    with closing(sqlite3.connect(path)) as old, old:
        old.executemany("INSERT INTO sessions (person, created_at) VALUES (?, 0)", [(n,) for n in range(20_000)])
    killed = (
        "import os, sqlite3, sys\n"
        "store = sqlite3.connect(sys.argv[1])\n"
        "store.execute('PRAGMA cache_size = 5')\n"  # full at once, so that pages go to the file before the commit
        "store.execute('UPDATE sessions SET person = 0')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", killed, str(path)], check=False)
    assert path.with_name(f"{FILE}-journal").stat().st_size
    migrate(path)
    assert shape(path) == declared(tmp_path / "declared.sqlite3")
    with closing(sqlite3.connect(path)) as found:
        assert found.execute("SELECT count(DISTINCT person) FROM sessions").fetchone() == (20_000,)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """No traceback: the file's name, the reason, what to do."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreError, match="Mend its rights or make room"):
        migrate(blocked / FILE)


def test_without_a_copy_there_is_no_upgrade(tmp_path: Path) -> None:
    """When the copy cannot be made, the old version stays as it is and says why."""
    path = tmp_path / FILE
    upgrade(path, "0001")
    before = path.read_bytes()
    (tmp_path / f"{FILE}.0001").mkdir()
    with pytest.raises(StoreError, match="make room"):
        migrate(path)
    assert path.read_bytes() == before


def asked_elsewhere(store: Path, statement: str) -> str:
    """Ask a database in another process, which closes it at its end; give the first number of the answer."""
    program = (
        f"import sqlite3; store = sqlite3.connect({str(store)!r}); "
        f"print(store.execute({statement!r}).fetchone()[0]); store.close()"
    )
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()


async def test_a_search_for_an_id_keeps_the_locks_of_the_store(tmp_path: Path) -> None:
    """Another program that reads the store and closes it, after a search, does not delete the log that is in use."""
    store, person, count = Store(tmp_path), 0x1122334455667788, "SELECT count(*) FROM noted"
    try:
        async with store.writing() as connection:
            await connection.execute(text("CREATE TABLE noted (number INTEGER)"))
        assert await store.is_traced(person) is False
        async with store.writing() as connection:
            await connection.execute(text(f"INSERT INTO noted VALUES ({person})"))
        assert await store.is_traced(person) is True
        assert asked_elsewhere(tmp_path / FILE, count) == "1"
        async with store.writing() as connection:
            await connection.execute(text("INSERT INTO noted VALUES (2)"))
        assert asked_elsewhere(tmp_path / FILE, count) == "2"
    finally:
        await store.close()
