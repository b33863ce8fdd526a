"""Whatever the disk does to the store, people read a kind sentence, the log has two lines, and it mends by itself."""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import discord
import pytest
from sqlalchemy import event, text

from bot.errors import StoreError, StoreTrouble
from bot.observability.events import Event, EventBus, StoreFailed, Wrote
from bot.observability.health import HealthMonitor
from bot.observability.status import Part
from bot.store import unanswered
from bot.store.database import Store
from bot.store.migrate import FILE
from bot.store.sqlite import SqliteBackend
from index.answering.answer import Outcome
from tests.bot.conftest import Stage, texts
from tests.bot.observability.conftest import Operator
from tests.bot.scripted import ScriptedTutor, answer

ROOT = Path(__file__).parents[3]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file as another program would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def nothing_grows() -> Iterator[None]:
    """Let the operating system refuse every write of this process that makes a file longer than a few bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def note(store: Store, number: int) -> None:
    async with store.writing() as connection:
        await connection.execute(text(f"INSERT INTO contenders VALUES ({number}, 1, 0)"))


async def noted(store: Store) -> list[int]:
    async with store.reading() as connection:
        return [*(await connection.execute(text("SELECT * FROM contenders"))).scalars()]


@pytest.mark.parametrize(
    ("harm", "trouble"),
    [
        (lambda path: locked(path), StoreTrouble.LOCKED),
        (lambda path: nothing_grows(), StoreTrouble.FAILING),
    ],
)
async def test_a_refused_write_is_told_and_the_next_one_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], Any], trouble: StoreTrouble
) -> None:
    """A lock and a disk that takes nothing are sentences of their kind; what was refused is not there, the rest is."""
    monkeypatch.setattr("bot.store.sqlite._LOCKED_S", 0.2)
    heard: list[Event] = []
    store = Store(tmp_path, heard.append)
    await note(store, 1)
    with harm(tmp_path / FILE):
        with pytest.raises(StoreError) as refused:
            await note(store, 2)
        with pytest.raises(StoreError) as probed:
            await store.probe()
        assert await noted(store) == [1]
    await store.probe()
    await note(store, 3)
    assert await noted(store) == [1, 3]
    await store.close()
    assert refused.value.trouble is probed.value.trouble is trouble
    assert str(tmp_path) not in str(refused.value)
    assert [type(each) for each in heard] == [Wrote, StoreFailed, Wrote]


async def test_a_store_with_no_room_is_full(tmp_path: Path) -> None:
    """SQLite's own "full" is known by its code, wherever in a transaction it shows."""
    store = Store(tmp_path)
    await note(store, 1)
    assert isinstance(store._backend, SqliteBackend)
    assert store._backend._engine is not None
    pages: list[int] = [10**6]
    event.listen(
        store._backend._engine.sync_engine,
        "begin",
        lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages[0]}"),
    )
    pages[0] = 1  # SQLite takes it for the size of the file now

    async def much() -> None:
        async with store.writing() as connection:
            for row in range(400):
                await connection.execute(text(f"INSERT INTO contenders VALUES ({row + 10}, 1, 0)"))

    with pytest.raises(StoreError) as refused:
        await much()
    assert refused.value.trouble is StoreTrouble.FULL
    assert await noted(store) == [1]
    pages[0] = 10**6
    await much()
    await store.close()


async def test_a_busy_store_is_in_no_trouble(tmp_path: Path) -> None:
    """Looking waits for its turn among many changes of our own; none is kept from being made."""
    store = Store(tmp_path)
    await asyncio.gather(*(note(store, number) for number in range(100)), *(store.probe() for _ in range(10)))
    assert len(await noted(store)) == 100
    await store.close()


async def test_a_fault_of_ours_is_no_trouble_of_the_disk(tmp_path: Path) -> None:
    """A wrong statement stays an accident, with its traceback, and what was to be written is not in it."""
    store = Store(tmp_path)
    with pytest.raises(Exception, match="nowhere") as wrong:
        async with store.writing() as connection:
            await connection.execute(text("INSERT INTO nowhere VALUES (:words)"), {"words": "a private complaint"})
    await store.close()
    assert not isinstance(wrong.value, StoreError)
    assert "private" not in str(wrong.value)


async def test_a_store_that_must_not_be_written_is_read_only(tmp_path: Path) -> None:
    """Reading goes on, writing is refused in a sentence, and goes on when it may."""
    store, may_not = Store(tmp_path), [0]
    await note(store, 1)
    assert isinstance(store._backend, SqliteBackend)
    assert store._backend._engine is not None
    event.listen(
        store._backend._engine.sync_engine,
        "begin",
        lambda connection: connection.exec_driver_sql(f"PRAGMA query_only = {may_not[0]}"),
    )
    may_not[0] = 1
    with pytest.raises(StoreError) as refused:
        await note(store, 2)
    assert refused.value.trouble is StoreTrouble.READ_ONLY
    assert await noted(store) == [1]
    may_not[0] = 0
    await note(store, 3)
    await store.close()


@pytest.fixture
def grace(seen_stage: Stage) -> Any:
    """Somebody who manages the server."""
    guild = seen_stage.channel.guild
    role = guild.create_role("Teachers", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(seen_stage.env.create_user("grace"), roles=[role])


async def test_a_locked_store_is_seen_told_and_over_by_itself(
    seen_stage: Stage,
    tutor: ScriptedTutor,
    grace: Any,
    operator: Operator,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """503 with a word and a sentence, a kind sentence for the person, one line when it begins, one when it ends."""
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("bot.store.sqlite._LOCKED_S", 0.1)
    bot, server = seen_stage.bot, seen_stage.channel.guild
    await bot.services.preferences.count_gaps(server.id, True)
    await bot.services.store.close()  # it connects again with the shorter patience
    tutor.reply = lambda question, history: answer(question, outcome=Outcome.NOT_COVERED, quotes=())
    seen_stage.env.check_errors = False

    async def asked(*words: str) -> None:
        for word in words:
            await seen_stage.alice.send(seen_stage.channel, f"{seen_stage.mention} What is {word}?")
            assert "The library does not answer this" in texts(seen_stage.replies[-1])

    with locked(bot.services.settings.data / FILE):
        await asked("one", "two", "three")  # each is to be counted and cannot be
        result = await grace.slash(seen_stage.channel, "library role", role=server.create_role("Helpers"))
        assert "my notebook is in use" in texts(shown(result)).lower()
        status, found = await operator.readiness()
        assert (status, found["store"]["state"], found["gateway"]["state"]) == (503, "locked", "ok")
        assert "Another program holds the store" in found["store"]["sentence"]
    status, found = await operator.readiness()
    assert (status, found["store"]["state"]) == (200, "ok")
    await asked("four")
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("bot")]
    assert [line.split(",")[0].split(".")[0] for line in lines if "connected as" not in line] == [
        "store: locked", "store: ok again",
    ]  # fmt: skip
    async with bot.services.store.reading() as connection:
        kept = await unanswered.of_server(connection, server.id)
    assert [gap.question for gap in kept] == ["What is four?"]


async def test_it_is_noticed_that_it_is_over_when_nobody_asks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a port and without another write the log says when the trouble has ended."""
    monkeypatch.setattr("bot.store.sqlite._LOCKED_S", 0.1)
    monkeypatch.setattr("bot.observability.health._LOOK_AGAIN_S", 0.05)
    caplog.set_level(logging.INFO)
    hub = EventBus()
    store = Store(tmp_path, hub)
    watch = HealthMonitor(tmp_path, ScriptedTutor(), store, connected=lambda: True, closing=lambda: False)
    hub.listen(watch)
    await note(store, 1)
    with locked(tmp_path / FILE):
        for number in (2, 3):
            with pytest.raises(StoreError):
                await note(store, number)
        await asyncio.sleep(0.2)
        assert not any("ok again" in record.getMessage() for record in caplog.records)
    async with asyncio.timeout(5):
        while watch._mending is not None:  # noqa: ASYNC110 - it tells nobody but the log
            await asyncio.sleep(0.02)
    assert [record.getMessage()[:13] for record in caplog.records if record.name.startswith("bot")] == [
        "store: locked", "store: ok aga",
    ]  # fmt: skip
    await watch.close()
    await store.close()


def shown(result: Any) -> Any:
    """Give the last thing the person saw."""
    return [each for each in (result.response, *result.followups) if each is not None][-1]


def test_a_data_folder_that_is_full_says_so(tmp_path: Path) -> None:
    """ENOSPC for whatever this process opens below the folder: `disk` is full, in a word, and then fine again."""
    program = """
        import asyncio, os, sys
        from pathlib import Path
        from bot.observability import checks
        data, is_full = Path(sys.argv[1]), True
        def hook(event, arguments):
            if event == "open" and is_full and str(arguments[0]).startswith(str(data)) and arguments[2] & os.O_RDWR:
                raise OSError(28, "No space left on device")
        asyncio.run(checks.disk(data))
        sys.addaudithook(hook)
        print(asyncio.run(checks.disk(data)))
        is_full = False
        print(asyncio.run(checks.disk(data)))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    full, fine = done.stdout.splitlines()
    assert "word='full'" in full
    assert "No space left on device" in full
    assert "is_fine=False" in full
    assert "is_fine=True" in fine


async def test_what_keeps_both_store_and_folder_from_being_written_is_one_trouble(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page names both, the log has one line when it begins and one when it ends."""
    monkeypatch.setattr("bot.observability.health._FRESH_S", 0.0)
    caplog.set_level(logging.INFO)
    store = Store(tmp_path)
    await note(store, 1)
    watch = HealthMonitor(tmp_path, ScriptedTutor(), store, connected=lambda: True, closing=lambda: False)

    def full(**_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with locked(tmp_path / FILE), monkeypatch.context() as disk:
        disk.setattr("bot.observability.checks.tempfile.TemporaryFile", full)
        found = await watch.look()
    assert found[Part.STORE].is_trouble
    assert found[Part.DISK].is_trouble
    assert all(each.is_fine for each in (await watch.look()).values())
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("bot")]
    assert [line.split(":")[0] for line in lines] == ["store", "store"]
    await store.close()
