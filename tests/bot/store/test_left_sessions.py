"""Sessions of Discord's gateway go from process to process by the database: each to one, and never a stale one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.runtime.handover import Session
from bot.runtime.shards import Layout
from bot.store.postgresql import left_sessions
from bot.store.postgresql.connecting import async_engine
from bot.store.postgresql.left_sessions import LeftSessions
from tests.postgresql import Server

GUILD = {"id": "5", "name": "“Home”", "unavailable": False, "roles": []}
ONE, TWO = (Session(shard, f"session {shard}", 7, "wss://gateway.example", [GUILD]) for shard in (0, 1))


@pytest_asyncio.fixture
async def processes(postgresql: Server) -> AsyncIterator[list[LeftSessions]]:
    """Three processes of four shards, and one that runs five."""
    engine = async_engine(postgresql.migrated(), isolation_level="AUTOCOMMIT")
    yield [LeftSessions(engine, Layout(shards, 3, ordinal)) for shards, ordinal in ((4, 0), (4, 1), (4, 2), (5, 0))]
    await engine.dispose()


def ready() -> bool:
    return True


async def test_a_session_is_taken_once(processes: list[LeftSessions]) -> None:
    """By its own process when no other was quicker; by one guest of many; not by a process with other shards."""
    first, second, third, other = processes
    assert await first.take(0, ready) is None
    await first.leave([ONE])
    assert await other.host() == []
    assert (await first.take(0, ready), await first.take(0, ready)) == (ONE, None)
    await first.leave([ONE, TWO])
    hosted = await asyncio.gather(second.host(), third.host())
    assert sorted((each for found in hosted for each in found), key=lambda each: each.shard) == [ONE, TWO]
    await first.leave([ONE])
    assert await other.take(0, ready) is None


async def test_a_guest_gives_back_to_the_shard_s_own_process(processes: list[LeftSessions]) -> None:
    """The process waits for it, and only once it can answer; no other guest comes in between."""
    first, second, third, _ = processes
    await first.leave([ONE])
    assert await second.host() == [ONE]
    loaded = asyncio.Event()
    taking = asyncio.create_task(first.take(0, loaded.is_set))
    await asyncio.sleep(0.2)
    assert not taking.done()
    loaded.set()
    await second.give_back([ONE])
    assert await third.host() == []
    assert await taking == ONE


async def test_a_dead_guest_and_a_stale_session_are_not_waited_for(
    processes: list[LeftSessions], monkeypatch: pytest.MonkeyPatch, postgresql: Server
) -> None:
    """The shard begins a new session, and nothing is left of the old one; nor of one in the form of another version."""
    first, second, *_ = processes
    await first.leave([ONE, TWO])
    await second.host()
    monkeypatch.setattr(left_sessions, "_GIVEN_BACK_S", 0.1)
    assert await first.take(0, ready) is None
    await first.leave([ONE])
    postgresql.execute("UPDATE tutor_left_sessions SET left_at = left_at - interval '3 minutes'", "tutor")
    assert await second.host() == []
    assert await first.take(0, ready) is None
    await first.leave([ONE])
    postgresql.execute("""UPDATE tutor_left_sessions SET said = '{"format": 2, "later": 1}'""", "tutor")
    assert await first.take(0, ready) is None
    assert postgresql.execute("SELECT shard FROM tutor_left_sessions", "tutor") == [(1,)]
