"""Several processes of one bot share the shards: each event is handled once, and a killed process comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.gateway.person import Actor
from tests.gateway.process import Process
from tests.gateway.server import Server
from tests.gateway.world import Json, snowflake
from tests.postgresql import Server as Database

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

SHARDS, PROCESSES = 8, 4
QUESTION = "What does clay remember?"


@dataclass(slots=True)
class Cluster:
    """A server, the address of the database, and the processes by their number."""

    server: Server
    database: str
    folder: Path
    processes: list[Process]

    def make(self, ordinal: int, *, data: Path | None = None) -> Process:
        """Return a process that is not started, with a scripted tutor."""
        layout = {"SHARDS": SHARDS, "PROCESSES": PROCESSES, "ORDINAL": f"tutor-{ordinal}", "DATABASE": self.database}
        more = {f"TUTOR_{name}": str(value) for name, value in layout.items()}
        return Process(self.server, data or self.folder, module="tests.gateway.scripted_bot", more=more)

    async def connected(self) -> None:
        """Wait until every shard is."""
        await self.server.until(lambda: self.server.gateway.live_shards == [*range(SHARDS)], 300, "all shards")


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    server = Database()
    yield server.start().empty()
    server.remove()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """Four processes with two shards each; in the end no rule of Discord's was broken."""
    async with Server(shards=SHARDS) as server, AsyncExitStack() as running:
        server.gateway.max_concurrency = 4
        cluster = Cluster(server, database, tmp_path_factory.mktemp("data"), [])
        for ordinal in range(PROCESSES):
            cluster.processes.append(await running.enter_async_context(cluster.make(ordinal)))
        await cluster.connected()
        yield cluster
        assert server.violations == []
        assert (server.gateway.identify_violations, server.gateway.doubled_shards) == (0, 0)


async def answered_once(server: Server, asked: list[Json]) -> None:
    for each in asked:
        await server.reply(each)
    await asyncio.sleep(0.3)
    assert [len(server.replies(each)) for each in asked] == [1] * len(asked)


async def test_each_event_is_handled_once(cluster: Cluster) -> None:
    """In a server on each shard, by a process that has the shard; the commands were registered once."""
    server = cluster.server
    asked = [await Actor(server, guild=guild).says(QUESTION) for guild in server.world.more_guilds]
    await answered_once(server, asked)
    assert {server.gateway.shard_of(guild) for guild in server.world.more_guilds} == {*range(SHARDS)}
    assert len(server.sent("PUT", "/commands")) == 1


async def test_what_is_in_no_server_of_the_bot_is_answered(cluster: Cluster) -> None:
    """A direct message, and a command of a person in a server without the bot, are answered where they arrive."""
    server = cluster.server
    whispered = await Actor(server).whispers(QUESTION)
    used = []
    for shard in (0, 5):
        actor = Actor(server)
        actor.guild = next(
            each for each in map(str, range(1 << 60, 1 << 61, 1 << 22)) if server.gateway.shard_of(each) == shard
        )
        actor.channel = snowflake()
        used.append(await actor.slash("ask", question=QUESTION))
    await answered_once(server, [whispered])
    for each in used:
        await server.until(lambda each=each: each.answer)


async def test_a_second_process_with_a_number_is_refused(cluster: Cluster) -> None:
    """It ends with one sentence and touches no shard."""
    identified = cluster.server.gateway.identified
    async with cluster.make(1, data=cluster.folder / "other") as other:
        assert await other.ended(60) == 1
    assert "number 1 already" in other.said
    assert "Traceback" not in other.said
    assert cluster.server.gateway.identified == identified


async def test_a_killed_process_comes_back_to_its_shards(cluster: Cluster) -> None:
    """After kill -9 the others go on; started again it has its range, and no shard is begun twice."""
    server, killed = cluster.server, cluster.processes[3]
    guilds = {server.gateway.shard_of(guild): guild for guild in server.world.more_guilds}
    await killed.kill()
    await server.until(lambda: server.gateway.live_shards == [*range(6)])
    await answered_once(server, [await Actor(server, guild=guilds[0]).says(QUESTION)])
    await killed.start()
    await cluster.connected()
    await answered_once(server, [await Actor(server, guild=guilds[shard]).says(QUESTION) for shard in (6, 7)])
    assert len(server.sent("PUT", "/commands")) == 1


async def test_a_process_that_is_replaced_misses_nothing(cluster: Cluster) -> None:
    """Its shards are run by another process meanwhile and come back to it, by RESUME: whatever is asked is answered."""
    server, replaced = cluster.server, cluster.processes[2]
    guilds = {server.gateway.shard_of(guild): guild for guild in server.world.more_guilds}
    identified, asked, used = server.gateway.identified, [], []
    ended = asyncio.Event()

    async def load() -> None:
        while not ended.is_set():
            for shard in (4, 5):
                actor = Actor(server, guild=guilds[shard])
                asked.append(await actor.says(QUESTION))
                used.append(await actor.slash("ask", question=QUESTION))
            await asyncio.sleep(0.25)

    loading = asyncio.create_task(load())
    assert await replaced.stop(60) == 0
    await server.until(lambda: server.gateway.live_shards == [*range(SHARDS)], 20, "guests")
    await replaced.start()
    await server.until(lambda: replaced.said.count("goes on with its session") == 2, 120, "its shards")
    await cluster.connected()
    ended.set()
    await loading
    for each in used:
        await server.until(lambda each=each: each.answer)
    await answered_once(server, asked)
    assert server.gateway.identified == identified


async def test_a_session_that_discord_does_not_know_becomes_a_new_one(cluster: Cluster) -> None:
    """What another process has left is tried once; then the shard begins anew, and hears."""
    server, replaced = cluster.server, cluster.processes[3]
    assert await replaced.stop(60) == 0
    await cluster.connected()
    identified = server.gateway.identified
    for session in [each for each in server.gateway.sessions.values() if each.shard in (6, 7)]:
        del server.gateway.sessions[session.id]
    await replaced.start()
    await server.until(lambda: server.gateway.identified == identified + 2, 120, "new sessions")
    await cluster.connected()
    guilds = [guild for guild in server.world.more_guilds if server.gateway.shard_of(guild) in (6, 7)]
    await answered_once(server, [await Actor(server, guild=guild).says(QUESTION) for guild in guilds])
