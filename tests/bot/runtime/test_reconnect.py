"""After an outage the bot is back within seconds, and keeps Discord's limits while it tries."""

from __future__ import annotations

import asyncio
import logging
from itertools import pairwise

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.runtime.http import speak_to
from bot.runtime.reconnect import _ONE_LINE, Backoff, IdentifyPace, reconnect_within_seconds
from tests.gateway.server import Server
from tests.gateway.world import TOKEN

DAY_S = 24 * 3600.0


class Clock:
    """A clock that a test sets, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("outage_s", "back_within_s"), [(8.0, 4.0), (60.0, 15.0), (600.0, 15.0)])
def test_a_wait_is_bounded_by_the_length_of_the_outage(outage_s: float, back_within_s: float) -> None:
    """The wait that runs when the gateway comes back ends within the bound, whatever was drawn before it."""
    lefts = []
    for _ in range(200):
        clock = Clock()
        backoff = Backoff(clock)
        while clock.now < outage_s:
            clock.now += backoff.delay()
        lefts.append(clock.now - outage_s)
    assert max(lefts) <= back_within_s
    assert len({round(left, 3) for left in lefts}) > 100, "many bots come back at different moments"


def test_a_connection_that_held_ends_the_outage() -> None:
    """The first failure after a long connection is answered as the first of all."""
    clock = Clock()
    backoff = Backoff(clock)
    for _ in range(20):
        clock.now += backoff.delay()
    clock.now += 3600
    assert backoff.delay() <= 1.0


def test_new_sessions_keep_discords_limits() -> None:
    """A gateway that drops every session at once for a day gets fewer than 1000 IDENTIFYs, 5 s apart."""
    clock, sent = Clock(), []
    pace = IdentifyPace(clock)
    assert pace.wait_s() == 0, "the first one need not wait"
    while clock.now < DAY_S:
        clock.now += pace.wait_s()
        pace.sent()
        sent.append(clock.now)
    assert min(after - before for before, after in pairwise(sent)) >= 5
    assert max(sum(begun <= each < begun + DAY_S for each in sent) for begun in sent) < 1000


def test_a_failed_attempt_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """discord.py logs a traceback for each attempt; what is left is one line with the name of the error."""
    logger = logging.getLogger("test_reconnect")
    logger.addFilter(_ONE_LINE)
    try:
        raise ConnectionRefusedError("a very long address")
    except OSError as error:
        logger.error("Attempting a reconnect for shard ID %s in %.2fs", 0, 3.2, exc_info=error)
    [record] = caplog.records
    assert record.getMessage() == "Attempting a reconnect for shard ID 0 in 3.20s (ConnectionRefusedError)"
    assert (record.levelname, record.exc_info) == ("WARNING", None)


class _Sharded(discord.AutoShardedClient):
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait: the server of the tests has no limit."""


async def test_shards_do_not_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each of three shards tries again and again during an outage of 3 s, and each resumes its session."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    monkeypatch.setattr(discord.shard, "Shard", discord.shard.Shard)
    reconnect_within_seconds()
    async with Server(shared=True) as server:
        await speak_to(server.api)
        async with _Sharded(intents=discord.Intents(guilds=True), shard_count=3) as client:
            running = asyncio.create_task(client.start(TOKEN))
            await server.until(lambda: len(server.gateway.sessions) == 3)
            await server.go_away()
            await asyncio.sleep(3)
            await server.come_back()
            await server.until(lambda: server.gateway.resumed == 3, within_s=4)
            await client.close()
            await running
    tries = [record.getMessage() for record in caplog.records if "Attempting a reconnect" in record.getMessage()]
    assert [shard for shard in range(3) if sum(f"shard ID {shard} " in line for line in tries) < 3] == []
