"""`tutor store copy` moves every row to the other database and back, or nothing."""

from __future__ import annotations

import asyncio
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import insert, text
from typer.testing import CliRunner, Result

from bot import doctor
from bot.cli import app
from bot.errors import DataError, StoreError
from bot.runtime.instance_lock import occupying
from bot.settings import Settings
from bot.store import pending_deletions, persons, sessions
from bot.store.database import Store
from bot.store.migrate import FILE
from bot.store.postgresql.place import PostgresPlace
from bot.store.schema import metadata
from tests.bot.store.test_persons import ALICE, BOB, NOW, everything, fill, values
from tests.index.fakes import CLAY, build_texts
from tests.postgresql import Server


def furnish(data: Path, address: str | None = None) -> list[Any]:
    """Fill a store with rows of two people, delete one of them, and give what is left in order."""

    async def work() -> list[Any]:
        store = Store(data, database=address)
        async with store.writing() as connection:
            await fill(connection, [ALICE, BOB], rows=20)
            awkward = values(metadata.tables["disputes"], BOB, 999) | {
                "complaint": "tab\t line\n back\\slash \\N ✓ 😀 '\""
            }
            await connection.execute(insert(metadata.tables["disputes"]).values(**awkward | {"item": "quoted"}))
            if address is None:  # in PostgreSQL the rows above took no number of a sequence
                for _ in range(3):
                    await sessions.create(connection, person=ALICE, guild=None, laid_out=[], now=NOW)
            await persons.forget(connection, ALICE)
        await store.close()
        return await looked_at(data, address)

    return asyncio.run(work())


async def looked_at(data: Path, address: str | None = None) -> list[Any]:
    store = Store(data, database=address)
    async with store.reading() as connection:
        found = await everything(connection)
    await store.close()
    return [(name, sorted(rows, key=repr)) for name, rows in found.items()]


def copied(data: Path, *arguments: str, address: str = "") -> Result:
    found = CliRunner().invoke(
        app, ["--data", str(data), "--no-dotenv", "store", "copy", *arguments], env={"TUTOR_DATABASE": address}
    )
    if isinstance(found.exception, StoreError | DataError):
        raise found.exception
    return found


def test_there_and_back_every_row_is_the_same(postgresql: Server, tmp_path: Path) -> None:
    """With awkward texts, the marks of unfinished deletions, and numbers that no session had before."""
    address, back = postgresql.migrated(), tmp_path / "back"
    before = furnish(tmp_path / "old")
    pending_deletions.mark(tmp_path / "old", BOB)
    there = copied(tmp_path / "old", "sqlite", "postgresql", address=address)
    assert there.exit_code == 0, there.output
    again = copied(back, address, str(back / FILE), address=address)
    assert again.exit_code == 0, again.output
    lines = [line.split() for line in there.output.splitlines() if " rows " in line and "Copied" not in line]
    assert {line[0]: line[1:] for line in lines} == {
        line.split()[0]: line.split()[1:]
        for line in again.output.splitlines()
        if " rows " in line and "Copied" not in line
    }
    assert {line[0] for line in lines} == {*metadata.tables}
    assert asyncio.run(looked_at(tmp_path / "old")) == asyncio.run(looked_at(back)) == before
    assert pending_deletions.marked(back) == [BOB]

    async def next_session(data: Path, database: str | None) -> int:
        store = Store(data, database=database)
        async with store.writing() as connection:
            made = await sessions.create(connection, person=BOB, guild=None, laid_out=[], now=NOW)
        await store.close()
        return made.id

    assert asyncio.run(next_session(tmp_path, address)) == asyncio.run(next_session(back, None)) == 44


def test_what_postgresql_cannot_hold_is_replaced_and_counted(postgresql: Server, tmp_path: Path) -> None:
    """A NUL in a complaint does not keep the store from moving; it is said in how many rows."""
    address = postgresql.migrated()
    furnish(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE)) as file, file:
        file.execute("UPDATE disputes SET complaint = 'a' || char(0) || 'b' WHERE item = 'quoted'")
    done = copied(tmp_path, "sqlite", "postgresql", address=address)
    assert done.exit_code == 0, done.output
    assert "disputes: 1 rows had characters" in done.output
    name = address.removeprefix("postgresql://postgres@/").partition("?")[0]
    assert postgresql.execute("SELECT complaint FROM disputes WHERE item = 'quoted'", name) == [("a\ufffdb",)]


def test_a_copy_that_may_lose_something_is_refused(
    postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A running bot on either side, rows in the target, a row that arrives changed: one sentence and no row."""
    address = postgresql.migrated()
    before = furnish(tmp_path)
    with occupying(tmp_path), pytest.raises(DataError, match="running"):
        copied(tmp_path, "sqlite", "postgresql", address=address)

    async def beside() -> None:
        store = Store(tmp_path, database=address)
        await store.probe()
        with pytest.raises(StoreError, match="connected"):
            await asyncio.to_thread(copied, tmp_path, "sqlite", "postgresql", address=address)
        await store.close()

    asyncio.run(beside())
    insert_all = PostgresPlace.insert

    def changes_one(self: PostgresPlace, connection: Any, table: Any, rows: Any) -> None:
        insert_all(self, connection, table, rows)
        if table.name == "answers":
            connection.execute(
                text("UPDATE answers SET score = 0.25 WHERE session = (SELECT min(session) FROM answers)")
            )

    with monkeypatch.context() as patched:
        patched.setattr(PostgresPlace, "insert", changes_one)
        with pytest.raises(StoreError, match="answers did not arrive"):
            copied(tmp_path, "sqlite", "postgresql", address=address)
    assert all(not rows for _, rows in asyncio.run(looked_at(tmp_path, address)))
    assert copied(tmp_path, "sqlite", "postgresql", address=address).exit_code == 0
    with pytest.raises(StoreError, match="has rows in"):
        copied(tmp_path, "postgresql", "sqlite", address=address)
    assert asyncio.run(looked_at(tmp_path)) == before
    for arguments, sentence in [(["sqlite", "sqlite"], "two different"), (["sqlite", "postgresql"], "is not set")]:
        found = copied(tmp_path, *arguments)
        assert found.exit_code == 1
        assert sentence in str(found.exception)


def test_the_doctor_and_a_backup_name_the_database(postgresql: Server, tmp_path: Path) -> None:
    """What is wrong with it is a finding with its sentence; a backup says that it has the libraries alone."""

    def looked(address: str) -> list[tuple[bool | None, str]]:
        settings = Settings(_env_file=None, data=tmp_path, database=SecretStr(address))
        return [(each.fine, each.sentence) for each in doctor.database.look(settings, address)]

    address = postgresql.migrated()
    [(fine, sentence)] = looked(address)
    assert fine
    assert "PostgreSQL 18" in sentence
    [(fine, sentence)] = looked(postgresql.empty())
    assert fine is None
    assert "is empty" in sentence
    [(fine, sentence)] = looked(postgresql.address("no_such"))
    assert fine is False
    assert "does not exist" in sentence
    furnish(tmp_path)
    assert [fine for fine, _ in looked(address)] == [True, None]
    build_texts(tmp_path, CLAY)
    target = tmp_path.with_name("backup.zip")
    made = CliRunner().invoke(app, ["--data", str(tmp_path), "backup", str(target)], env={"TUTOR_DATABASE": address})
    assert made.exit_code == 0, made.output
    assert "pg_dump" in made.output
    with zipfile.ZipFile(target) as archive:
        assert FILE not in archive.namelist()
        assert "live" in archive.namelist()


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_store_is_made_before_a_start(postgresql: Server, tmp_path: Path, engine: str) -> None:
    """`tutor store migrate` makes the tables of either database, and a second time changes nothing."""
    address = postgresql.empty() if engine == "postgresql" else ""
    for _ in range(2):
        arguments = ["--data", str(tmp_path), "--no-dotenv", "store", "migrate"]
        found = CliRunner().invoke(app, arguments, env={"TUTOR_DATABASE": address})
        assert (found.exit_code, found.output) == (0, "The store is up to date.\n")
    tables = [name for name, _ in asyncio.run(looked_at(tmp_path, address or None))]
    assert "sessions" in tables
