"""The store follows a failover between two PostgreSQL servers: the address names both."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from bot.errors import ClusterError, StoreError
from bot.runtime.shards import Layout
from bot.store import preferences
from bot.store.coordination import Topic
from bot.store.database import Store
from bot.store.postgresql import cluster
from bot.store.postgresql.cluster import Cluster
from bot.store.postgresql.connecting import shown
from bot.store.postgresql.migrating import migrate, state
from tests.failover import Pair

pytestmark = pytest.mark.slow

MOST_SILENT_S = 5.0


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    pair = Pair().start()
    pair.primary.execute("CREATE DATABASE tutor")
    yield pair
    pair.remove()


async def test_nothing_that_was_committed_is_lost_and_writing_goes_on(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The primary is killed while many write: each has a StoreError or a commit that the new primary has."""
    monkeypatch.setattr(cluster, "_LOOK_S", 0.1)
    store = Store(tmp_path, database=pair.address("tutor"))
    member = Cluster(pair.address("tutor"), Layout(2, 2, 1))
    heard: list[int | None] = []
    await store.open()
    store.coordination.on(Topic.PREFERENCES, heard.append)
    await store.coordination.listen()
    await member.join(_refused)
    kept: dict[int, float] = {}

    async def write(first: int) -> None:
        for server in range(first, 10**6, 4):
            try:
                async with store.writing(server=server) as connection:
                    await preferences.save(connection, server, preferences.Preferences(role=server))
                kept[server] = time.monotonic()
            except StoreError:
                await asyncio.sleep(0.05)

    writers = [asyncio.create_task(write(number)) for number in range(4)]
    while len(kept) < 50:  # noqa: ASYNC110 - the writers have no event
        await asyncio.sleep(0.01)
    before, killed = {*kept}, time.monotonic()
    await asyncio.to_thread(pair.fail_over)
    while len(kept) < len(before) + 50:
        assert time.monotonic() < killed + 2 * MOST_SILENT_S, "no write after the failover"
        await asyncio.sleep(0.01)
    for writer in writers:
        writer.cancel()
    await asyncio.gather(*writers, return_exceptions=True)
    stored = {server for (server,) in pair.primary.execute("SELECT server FROM preferences", "tutor")}
    assert {*kept} <= stored
    assert max(after - before for before, after in pairwise(sorted(kept.values()))) < MOST_SILENT_S
    async with asyncio.timeout(MOST_SILENT_S):
        while -1 not in heard:  # on a new connection
            async with store.writing(server=1) as connection:
                await store.coordination.announce(connection, Topic.PREFERENCES, -1)
            await asyncio.sleep(0.1)
    assert None in heard
    with pytest.raises(ClusterError, match="number 1"):  # the ordinal is held on the new primary
        await Cluster(pair.address("tutor"), Layout(2, 2, 1)).join(_refused)
    await member.leave()
    await store.close()


def _refused(error: ClusterError) -> None:
    raise AssertionError(error)


def test_a_process_begins_while_one_of_the_servers_is_away(pair: Pair) -> None:
    """Whichever server is the primary, the address leads to it, and is shown with both servers and their ports."""
    pair.rejoin()
    pair.primary.execute("CREATE DATABASE empty")
    address = pair.address("empty")
    pair.fail_over()
    migrate(address)
    assert state(address).tables is not None
    one, two = pair.ports
    assert shown(address) == f"127.0.0.1:{one},127.0.0.1:{two}/empty"
