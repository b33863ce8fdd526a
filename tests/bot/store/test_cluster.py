"""The processes of one bot agree in PostgreSQL on who runs which shards, and on whose turn it is to IDENTIFY."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise

import pytest
import pytest_asyncio
from sqlalchemy import text

from bot.doctor import processes
from bot.errors import ClusterError, StoreError
from bot.runtime.shards import Layout
from bot.settings import Settings
from bot.store.postgresql import cluster as module
from bot.store.postgresql.cluster import Cluster
from tests.postgresql import Server

pytestmark = pytest.mark.slow

Make = Callable[..., Cluster]


def ignored(error: ClusterError) -> None:
    raise AssertionError(error)


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    server = Server()
    yield server.start().migrated()
    server.remove()


@pytest_asyncio.fixture
async def make(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Return a function that makes members of a cluster; they leave in the end."""
    monkeypatch.setattr(module, "_JOIN_S", 0.3)
    monkeypatch.setattr(module, "_LOOK_S", 0.05)
    made: list[Cluster] = []

    def of(ordinal: int, *, shards: int = 8, processes: int = 4, between_s: float = 0.5) -> Cluster:
        made.append(Cluster(database, Layout(shards, processes, ordinal), between_s=between_s))
        return made[-1]

    yield of
    for each in made:
        await each.leave()


async def test_an_ordinal_is_held_by_one_process(make: Make) -> None:
    """The second is refused in one sentence; it may come when the first has left."""
    first = make(1)
    await first.join(ignored)
    await make(2).join(ignored)
    with pytest.raises(ClusterError, match=r"number 1 already.*TUTOR_ORDINAL"):
        await make(1).join(ignored)
    await first.leave()
    await make(1).join(ignored)


@pytest.mark.parametrize("other", [{"shards": 16}, {"processes": 2}])
async def test_another_layout_is_refused_while_processes_run(make: Make, other: dict[str, int]) -> None:
    """Else servers would be on two shards; when all have stopped, the new numbers hold."""
    running = make(0)
    await running.join(ignored)
    with pytest.raises(ClusterError, match=r"8 shards in\s4 processes are running.*Stop all"):
        await make(1, **other).join(ignored)
    await running.leave()
    await make(1, **other).join(ignored)


async def test_the_doctor_names_the_processes_that_run(make: Make, database: str) -> None:
    """Beside a running bot it says which numbers run; other counts than theirs are a fault, and none are a worker's."""

    async def seen(**given: object) -> list[tuple[bool | None, str]]:
        settings = Settings.model_validate({"database": database, **given})
        found = await asyncio.to_thread(lambda: [*processes.look(settings, database)])
        return [(each.fine, each.sentence) for each in found]

    assert await seen(processes=1) == []
    await make(1).join(ignored)
    await make(2).join(ignored)
    [(fine, sentence)] = await seen(shards=8, processes=4, ordinal="tutor-2")
    assert fine
    assert sentence == "this is process 2 of 4, for shards 4 to 5 of 8; running now: 1, 2"
    [(fine, sentence)] = await seen(shards=16, processes=4, ordinal="3")
    assert fine is False
    assert "8 shards in 4 processes are running" in sentence
    [(fine, sentence)] = await seen(processes=1)
    assert fine is None
    assert "8 shards in 4 processes are running (numbers 1, 2)" in sentence


async def test_identifies_of_a_bucket_keep_their_distance(make: Make) -> None:
    """Four processes with eight shards and two buckets: never nearer than the pause, and no slower than they must."""
    members = [make(ordinal, between_s=0.2) for ordinal in range(4)]
    for member in members:
        await member.join(ignored)
    turns: dict[int, list[float]] = {0: [], 1: []}
    began = time.monotonic()

    async def identify(member: Cluster, shard: int) -> None:
        await member.identify_slot(shard, 2)
        turns[shard % 2].append(time.monotonic())

    await asyncio.gather(*(identify(members[shard // 2], shard) for shard in range(8)))
    assert [len(each) for each in turns.values()] == [4, 4]
    assert min(after - before for each in turns.values() for before, after in pairwise(sorted(each))) >= 0.18
    assert time.monotonic() - began < 4


async def test_a_lost_connection_is_taken_up_again(make: Make) -> None:
    """After a restart of the database the process has its ordinal as before, and runs on meanwhile."""
    await make(3).join(ignored)
    before = await end_holder(make(0), 3)
    async with asyncio.timeout(5):
        while await holder(make(0), 3) in (None, before):
            pass
    with pytest.raises(ClusterError, match="number 3"):
        await make(3).join(ignored)


async def test_who_has_lost_its_ordinal_hears_of_it(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another process took it while the database was away, the first one is told to end."""
    monkeypatch.setattr(module, "_LOOK_S", 0.5)
    monkeypatch.setattr(module, "_TAKEN_S", 0.2)
    lost: asyncio.Future[ClusterError] = asyncio.get_running_loop().create_future()
    await make(2).join(lost.set_result)
    await end_holder(make(0), 2)
    await make(2).join(ignored)
    assert "number 2" in str(await asyncio.wait_for(lost, 10))


async def test_a_database_that_is_away_is_one_sentence(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that cannot register does not begin; an IDENTIFY does not wait for ever."""
    monkeypatch.setattr(module, "_WITHOUT_S", 0.2)
    member = Cluster("postgresql://me:secret@127.0.0.1:1/tutor", Layout(2, 2, 0))
    with pytest.raises(StoreError) as error:
        await member.join(ignored)
    assert "secret" not in f"{error.value} {error.value.reason}"
    await asyncio.wait_for(member.identify_slot(0, 1), 10)
    await member.leave()


async def end_holder(member: Cluster, ordinal: int) -> int:
    """End the connection that holds an ordinal, as a restart of the server does; give its number."""
    held = await holder(member, ordinal)
    assert held is not None
    async with member._engine.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": held})
    return held


async def holder(member: Cluster, ordinal: int) -> int | None:
    """Give the server's number of the connection that holds an ordinal."""
    async with member._engine.connect() as connection:
        held = text("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = :class AND objid = :ordinal")
        return (await connection.execute(held, {"class": module._ORDINALS, "ordinal": ordinal})).scalar()
