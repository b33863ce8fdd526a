"""Whoever wants to be forgotten is: in every table that holds people's ids, to the last byte of the files."""

from __future__ import annotations

import asyncio
import io
import json
import random
import re
import shutil
import sqlite3
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Boolean, Column, Float, MetaData, Table, insert, select, text

from bot.backup.swap import contents
from bot.errors import ExportError
from bot.libraries.pseudonyms import Pseudonyms
from bot.people.audit import LibraryAudit
from bot.people.export import ExportFile
from bot.people.privacy import PersonalData
from bot.quiz.session import Step
from bot.store import pending_deletions, persons, servers, sessions
from bot.store.copies import forget_in_copies
from bot.store.database import Connection, Store
from bot.store.migrate import FILE, known_revisions, migrate, upgrade
from bot.store.schema import PERSON, SEALED, SERVER, Held, Moment, metadata
from index.generations import promotion, records

# As long as Discord's are, and no digits of theirs stand in anything else.
ALICE, BOB = 1234567890123456789, 987654321987654321
NOW = datetime(2026, 1, 1, tzinfo=UTC)

on_sqlite = pytest.mark.parametrize("database", [None], ids=["sqlite"])
"""For what is about the file and its copies."""

# How a column with the id of a person may be called.
NAMES = re.compile(
    r"(^|_)(person|people|host|user|author|member|by|who|owner|keeper|moderator|manager|editor|maker|learner|asker"
    r"|reader|player|contender|voter|creator|sender|recipient|account|snowflake)s?(_|$)"
)


def looks_personal(name: str) -> bool:
    return NAMES.search(name.lower()) is not None


def undeclared(tables: MetaData) -> list[str]:
    """Name the columns that seem to hold people's ids and do not say what for."""
    return [
        f"{table.name}.{column.name}"
        for table in tables.sorted_tables
        for column in table.c
        if looks_personal(column.name) and column.info.get(PERSON) not in [*Held]
    ]


OF_SESSIONS = {"steps", "lessons", "lesson_steps"}
"""Tables without people, whose rows belong to a session."""


def personal() -> list[Column[Any]]:
    return [column for table in metadata.sorted_tables for column in table.c if PERSON in column.info]


def values(table: Table, person: int, number: int) -> dict[str, Any]:
    """Fill every column of a row for a person: the numbers of keys count up, other values fit the checks."""
    found: dict[str, Any] = {}
    for column in table.c:
        if PERSON in column.info:
            found[column.name] = person
        elif isinstance(column.type, Moment):
            found[column.name] = NOW + timedelta(seconds=number)
        elif isinstance(column.type, Boolean):
            found[column.name] = False
        elif isinstance(column.type, Float):
            found[column.name] = 0.5
        elif column.type.python_type is int:
            found[column.name] = number
        else:
            found[column.name] = "pending" if column.name == "state" else f"{table.name} {number}"
    return found


async def fill(connection: Connection, people: list[int], rows: int) -> None:
    """Fill every table with rows of these people, those that others belong to first, in any order of people."""
    for table in metadata.sorted_tables:
        of = [person for person in people for _ in range(rows)]
        random.Random(table.name).shuffle(of)
        for number, person in enumerate(of, 1):
            row = values(table, person, number)
            if table.name in OF_SESSIONS:  # they belong to sessions, whose people were shuffled otherwise
                row["session"] = number
            await connection.execute(insert(table).values(**row))


async def everything(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    return {
        table.name: [dict(row) for row in (await connection.execute(select(table))).mappings()]
        for table in metadata.sorted_tables
    }


def concerns(table: Table, row: dict[str, Any], person: int, own_sessions: set[int]) -> bool:
    named = any(row[column.name] == person for column in table.c if PERSON in column.info)
    return named or (table.name in OF_SESSIONS and row["session"] in own_sessions)


def traces(folder: Path, person: int) -> list[str]:
    """Name the files that hold an id: as digits, or as a number of eight bytes in either order."""
    written = [str(person).encode(), person.to_bytes(8, "big"), person.to_bytes(8, "little")]
    return [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(each in path.read_bytes() for each in written)
    ]


@pytest_asyncio.fixture
async def store(tmp_path: Path, database: str | None) -> AsyncIterator[Store]:
    opened = Store(tmp_path, database=database)
    await opened.open()
    yield opened
    await opened.close()


class Nothing:
    """Libraries that nobody has changed, and memories that hold nothing."""

    async def of(self, person: int) -> list[dict[str, object]]:
        return []

    async def forget(self, person: int) -> None:
        return


@pytest.fixture
def door(store: Store, tmp_path: Path) -> PersonalData:
    return PersonalData(store, tmp_path, Nothing(), memories={}, copies=[], now=lambda: NOW)


def test_every_column_with_peoples_ids_says_what_for() -> None:
    """A column that seems to hold a person's id declares whether its row goes with them or only their id."""
    assert undeclared(metadata) == []
    assert {f"{column.table.name}.{column.name}" for column in personal()} >= {
        "rounds.host", "sessions.person", "answers.person", "disputes.person", "retired.person", "drafts.person",
    }  # fmt: skip


def test_every_column_with_servers_ids_says_what_for() -> None:
    """A column that holds servers' ids declares whether its row goes some time after the bot was removed."""
    found = [column for table in metadata.sorted_tables for column in table.c if column.name in ("guild", "server")]
    assert [str(column) for column in found if not isinstance(column.info.get(SERVER), bool)] == []
    kept = {column.table.name for column in found if not column.info[SERVER]}
    assert kept == {"sessions", "answers", "disputes"}, "what is a person's own stays theirs"


@pytest.mark.parametrize("name", ["person", "decided_by", "user_id", "author", "host", "member_id"])
def test_a_column_added_later_is_found(name: str) -> None:
    """Were a table added whose column is not declared, the test above would fail."""
    tables = MetaData()
    Table("later", tables, Column("id", Moment), Column(name, Moment))
    assert undeclared(tables) == [f"later.{name}"]


def test_an_id_that_is_taken_out_leaves_room() -> None:
    """A column whose row stays takes no id at all; one whose row goes always has one."""
    for column in personal():
        assert column.nullable is (column.info[PERSON] is Held.NAMED), column


async def test_one_is_forgotten_and_the_other_is_not(
    store: Store, door: PersonalData, tmp_path: Path, database: str | None
) -> None:
    """The id is in no column of any table and in no file; every row of the other is as it was; what stays, stays."""
    async with store.writing() as connection:
        await fill(connection, [ALICE, BOB], rows=150 if database is None else 15)
    assert traces(tmp_path, ALICE) or database is not None
    async with store.reading() as connection:
        before = await everything(connection)
    await door.forget(ALICE)
    async with store.reading() as connection:
        after = await everything(connection)
    assert str(ALICE) not in json.dumps(after, default=str)
    assert traces(tmp_path, ALICE) == []
    assert traces(tmp_path, BOB) == ([FILE] if database is None else [])
    hers = {row["id"] for row in before["sessions"] if row["person"] == ALICE}
    for table in metadata.sorted_tables:
        held = [column for column in table.c if PERSON in column.info]
        others = [row for row in before[table.name] if not concerns(table, row, ALICE, hers)]
        stays = not any(column.info[PERSON] is Held.THEIRS for column in held) and table.name not in OF_SESSIONS
        unnamed = [
            row | {column.name: None for column in held}
            for row in before[table.name]
            if stays and concerns(table, row, ALICE, hers)
        ]
        key = repr
        assert sorted(after[table.name], key=key) == sorted(others + unnamed, key=key), table.name
        assert others
        assert not held or len(others) < len(before[table.name])


@on_sqlite
async def test_what_failed_on_the_way_is_made_up_for(
    store: Store, door: PersonalData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk after the rows went is told; pressing again leaves no trace, and who has nothing costs nothing."""
    async with store.writing() as connection:
        await fill(connection, [ALICE, BOB], rows=3)

    async def full() -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(store, "compact", full)
        with pytest.raises(OSError, match="space"):
            await door.forget(ALICE)
    assert traces(tmp_path, ALICE)
    await door.forget(ALICE)
    assert traces(tmp_path, ALICE) == []
    monkeypatch.setattr(store, "compact", full)
    await door.forget(ALICE)


@on_sqlite
async def test_rows_that_went_earlier_leave_no_trace(store: Store, door: PersonalData, tmp_path: Path) -> None:
    """Who has left every leaderboard still stands in the log and in free space: a deletion clears those as well."""
    async with store.writing() as connection:
        await servers.join(connection, 1, ALICE, NOW)
    async with store.writing() as connection:
        await servers.leave(connection, 1, ALICE)
    assert traces(tmp_path, ALICE)
    await door.forget(ALICE)
    assert traces(tmp_path, ALICE) == []


@on_sqlite
async def test_nothing_is_said_to_be_gone_while_the_log_is_read(
    store: Store, door: PersonalData, tmp_path: Path
) -> None:
    """A backup or an export that reads an older state keeps the log: the deletion ends after it."""
    async with store.writing() as connection:
        await fill(connection, [ALICE, BOB], rows=3)
    with closing(sqlite3.connect(tmp_path / FILE)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sessions").fetchone()
        deletion = asyncio.create_task(door.forget(ALICE))
        await asyncio.wait([deletion], timeout=0.5)
        assert not deletion.done()
        async with store.writing() as connection:  # others write meanwhile
            await servers.join(connection, 2, BOB, NOW)
    await asyncio.wait_for(deletion, 10)
    assert traces(tmp_path, ALICE) == []


def put_aside(data: Path) -> Path:
    """Make what a restore puts aside: a store with a log, a copy of an upgrade, and files of older versions."""
    aside = data / "before-restore-then"
    own = aside / "servers" / "5"
    own.mkdir(parents=True)
    upgrade(aside / FILE, "0004")
    assert [*old_rows(aside / FILE)]
    shutil.copy(aside / FILE, aside / f"{FILE}.0004")
    records.record(own, "abc", {"by": str(ALICE), "exam": None})
    row = {"generation": "abc", "step": "promoted", "at": "2026-01-01", "by": str(ALICE)}
    (own / promotion.HISTORY).write_text(json.dumps([row, row | {"by": str(BOB)}]), encoding="utf-8")
    (own / f".{promotion.HISTORY}.77").write_text(json.dumps([row])[:-5], encoding="utf-8")  # killed while it wrote
    return aside


@on_sqlite
async def test_what_a_restore_put_aside_forgets_too(store: Store, tmp_path: Path) -> None:
    """Stores, their copies and what libraries recorded, by this version or an older one; the others stay in them."""
    aside = put_aside(tmp_path)
    audit = LibraryAudit(tmp_path, Pseudonyms(store))
    await PersonalData(store, tmp_path, audit, memories={}, copies=[], now=lambda: NOW).forget(ALICE)
    assert traces(tmp_path, ALICE) == []
    assert traces(aside, BOB) == ["servers/5/history.json", FILE, f"{FILE}.0004"]
    assert [event.by for event in promotion.history(aside / "servers" / "5")] == ["", str(BOB)]


def test_a_copy_that_cannot_be_read_goes_when_it_holds_the_id(tmp_path: Path) -> None:
    """An upgrade that was killed leaves a copy that no statement can change; one without the id is left alone."""
    held, other = tmp_path / f"{FILE}.0002", tmp_path / f"{FILE}.0003"
    held.write_bytes(b"SQLite format 3\0" + bytes(500) + ALICE.to_bytes(8, "big") + bytes(500))
    other.write_bytes(b"no database")
    (tmp_path / f"{FILE}.0001-journal").write_bytes(ALICE.to_bytes(8, "big"))
    forget_in_copies(tmp_path, ALICE)
    assert [path.name for path in tmp_path.iterdir()] == [other.name]


@on_sqlite
@pytest.mark.parametrize("step", ["bot.people.privacy.forget_in_copies", "bot.store.database.Store.compact"])
async def test_a_deletion_that_was_killed_goes_on_at_the_next_start(
    store: Store, door: PersonalData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """It is noted before anything is deleted, and the note itself goes at the end."""
    async with store.writing() as connection:
        await fill(connection, [ALICE, BOB], rows=3)
    aside = put_aside(tmp_path)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(step, killed)
        with pytest.raises(KeyboardInterrupt):
            await door.forget(ALICE)
    assert pending_deletions.marked(tmp_path) == [ALICE]
    assert tmp_path / pending_deletions.FOLDER not in contents(tmp_path), "a restore leaves it where it is"
    again = PersonalData(store, tmp_path, Nothing(), memories={}, copies=[], now=lambda: NOW)
    await again.resume()
    assert [name for name in traces(tmp_path, ALICE) if "servers" not in name] == []
    assert traces(aside, BOB)
    assert not (tmp_path / pending_deletions.FOLDER).exists()


async def test_what_somebody_does_while_they_are_deleted_has_no_name(store: Store) -> None:
    """A promotion that runs beside the deletion gets no pseudonym, so no row with the id comes after it."""
    pseudonyms = Pseudonyms(store)
    name = await pseudonyms.given(ALICE)
    assert await pseudonyms.given(ALICE) == name != ""
    with pseudonyms.deleting(ALICE):
        assert await pseudonyms.given(ALICE) == ""
        assert await pseudonyms.given(BOB) != ""
    assert await pseudonyms.people([name, "p0"]) == {name: ALICE}


async def test_one_export_at_a_time(store: Store, door: PersonalData) -> None:
    """A person who asks again is told that the first one is coming; somebody else is not kept from theirs."""
    found = await asyncio.gather(*map(door.export, (ALICE, ALICE, BOB)), return_exceptions=True)
    assert isinstance(found[1], ExportError)
    assert [json.loads(each)["person"] for each in (found[0], found[2])] == [str(ALICE), str(BOB)]  # type: ignore[arg-type]
    assert await door.export(ALICE)


async def test_a_large_export_is_files_that_can_be_read_alone(
    store: Store, door: PersonalData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row is in one of them, each file is JSON under the limit, and more than a few files are refused."""
    async with store.writing() as connection:
        await fill(connection, [ALICE], rows=3)
        answers = metadata.tables["answers"]
        many = [values(answers, ALICE, number) | {"session": number} for number in range(10, 4000)]
        await connection.execute(insert(answers), many)
    whole = json.loads(await door.export(ALICE))["stored"]
    packed = await door.export_files(ALICE, 1000)
    assert len(packed) > 1
    assert all(file.name.endswith(".json.zip") for file in packed[:-1])
    told = [json.loads(content(file)) for file in packed]
    assert all(each["person"] == str(ALICE) for each in told)
    assert {name: [row for each in told for row in each["stored"].get(name, [])] for name in whole} == whole
    assert ["in_memory" in each for each in told] == [False] * (len(told) - 1) + [True]
    monkeypatch.setattr("bot.people.privacy.MOST_FILES", len(packed) - 1)
    with pytest.raises(ExportError, match="Discord lets me send no more"):
        await door.export_files(ALICE, 1000)


def content(file: ExportFile) -> bytes:
    if not file.name.endswith(".zip"):
        return file.content
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        return archive.read(archive.namelist()[0])


async def test_the_export_has_every_table_and_nothing_of_others(store: Store, door: PersonalData) -> None:
    """All rows with the person's id, and those that belong to them; readable times; no id of anybody else."""
    async with store.writing() as connection:
        await fill(connection, [ALICE, BOB], rows=5)
        before = await everything(connection)
    told = json.loads(await door.export(ALICE))
    stored = told["stored"]
    hers = {row["id"] for row in before["sessions"] if row["person"] == ALICE}
    assert {*stored} == {column.table.name for column in personal()} | OF_SESSIONS
    for name, rows in stored.items():
        table = metadata.tables[name]
        assert len(rows) == sum(concerns(table, row, ALICE, hers) for row in before[name]) == 5, name
        for row in rows:
            assert {*row} == {*table.c.keys()}, name
            assert all(datetime.fromisoformat(row[c.name]).tzinfo for c in table.c if isinstance(c.type, Moment))
            assert all(row[c.name] == str(ALICE) for c in table.c if PERSON in c.info)
    assert str(BOB) not in json.dumps(told)
    assert told["person"] == str(ALICE)


async def test_what_is_sealed_is_not_told(store: Store, door: PersonalData) -> None:
    """Nobody reads the key of an open round, or how they did in it, out of an export; once it is closed they do."""
    async with store.writing() as connection:
        row = values(metadata.tables["rounds"], ALICE, 1) | {"closed_at": None, "seed": "secret seed"}
        await connection.execute(insert(metadata.tables["rounds"]).values(**row))
        step = Step(0, "an-item", "v", (0, 1))
        made = await sessions.create(connection, person=ALICE, guild=1, laid_out=[step], now=NOW, round_id=1)
        answer = values(metadata.tables["answers"], ALICE, 1) | {"session": made.id, "position": 0}
        await connection.execute(insert(metadata.tables["answers"]).values(**answer))
    sealed = {column for name in ("rounds", "answers") for column in metadata.tables[name].c if SEALED in column.info}
    assert {column.name for column in sealed} >= {"seed", "items", "score", "stability", "due"}

    async def told() -> list[dict[str, Any]]:
        stored = json.loads(await door.export(ALICE))["stored"]
        return [stored["rounds"][0], stored["answers"][0]]

    for row in await told():
        assert row[persons.LEFT_OUT]
        assert not {*row} & {column.name for column in sealed} - {*row[persons.LEFT_OUT]}
        assert not {*row} & {*row[persons.LEFT_OUT]}
    async with store.writing() as connection:
        await connection.execute(text("UPDATE rounds SET closed_at = 1"))
    a_round, answer = await told()
    assert a_round["seed"] == "secret seed"
    assert answer["score"] == 0.5
    assert persons.LEFT_OUT not in a_round | answer


async def test_no_number_of_a_deleted_session_comes_again(store: Store) -> None:
    """An old button names a session by its number: it must not act on the one that begins next."""
    async with store.writing() as connection:
        made = [await sessions.create(connection, person=ALICE, guild=None, laid_out=[], now=NOW) for _ in range(3)]
        await persons.forget(connection, ALICE)
        later = await sessions.create(connection, person=BOB, guild=None, laid_out=[], now=NOW)
    assert later.id > max(session.id for session in made)


async def test_forgetting_is_whole_or_not_at_all(store: Store) -> None:
    """A failure on the way leaves everything as it was."""
    async with store.writing() as connection:
        await fill(connection, [ALICE, BOB], rows=3)
        before = await everything(connection)

    async def fail() -> None:
        async with store.writing() as connection:
            await persons.forget(connection, ALICE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with store.reading() as connection:
        assert await everything(connection) == before


def old_rows(path: Path) -> Iterator[tuple[str, str]]:
    """Put a row for each of two people into every table of an older version; gives table and column of the ids."""
    with closing(sqlite3.connect(path)) as old, old:
        for (name,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = old.execute(f"PRAGMA table_info({name})").fetchall()
            held = [column[1] for column in columns if looks_personal(column[1])]
            if name.startswith("sqlite_") or not held:
                continue
            for number, person in enumerate((ALICE, BOB), 1):
                row = [person if looks_personal(c[1]) else "pending" if c[1] == "state" else number for c in columns]
                old.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)
            yield name, held[0]


@pytest.mark.parametrize("revision", known_revisions()[:-1])
def test_copies_of_older_versions_forget_too(tmp_path: Path, revision: str) -> None:
    """The copy that an upgrade leaves behind names nobody who was forgotten, and keeps the others."""
    path, copy = tmp_path / FILE, tmp_path / f"{FILE}.{revision}"
    upgrade(path, revision)
    filled = [*old_rows(path)]
    migrate(path)
    path.unlink()
    assert traces(tmp_path, ALICE) == [copy.name]
    forget_in_copies(tmp_path, ALICE)
    assert traces(tmp_path, ALICE) == []
    with closing(sqlite3.connect(copy)) as old:
        for table, column in filled:
            assert (BOB,) in old.execute(f"SELECT {column} FROM {table}").fetchall()
        assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [(revision,)]


def test_an_upgrade_leaves_no_trace_of_what_was_deleted_before(tmp_path: Path) -> None:
    """Older versions left deleted rows lying in free places of the file; neither it nor its copy has them after."""
    path = tmp_path / FILE
    upgrade(path, "0003")
    with closing(sqlite3.connect(path)) as old, old:
        old.execute("PRAGMA secure_delete=OFF")
        old.executemany("INSERT INTO contenders VALUES (?, ?, 0)", [(n, ALICE) for n in range(500)])
        old.commit()
        old.execute("DELETE FROM contenders")
    assert traces(tmp_path, ALICE)
    migrate(path)
    assert traces(tmp_path, ALICE) == []


async def test_errors_of_the_store_do_not_tell_what_it_was_given(store: Store) -> None:
    """What goes wrong is logged: without anybody's id or words."""
    with pytest.raises(Exception, match=r"no such table|does not exist") as error:
        async with store.reading() as connection:
            await connection.execute(text("SELECT * FROM nowhere WHERE person = :person"), {"person": ALICE})
    assert not re.search(str(ALICE), str(error.value))
