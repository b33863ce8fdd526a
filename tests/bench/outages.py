"""Measures how soon bots are connected again after the gateway was away: 20 bots, cut off by one outage at a time."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from bot.app import TutorBot
from bot.runtime.http import speak_to
from bot.settings import Settings
from tests.bench.results import Row
from tests.bot.scripted import ScriptedTutor
from tests.gateway.server import Server
from tests.gateway.world import TOKEN

if TYPE_CHECKING:
    from bot.answering.engine import AnsweringEngine

_BOTS = 20
# Outage, wanted 95th percentile, and whether Discord forgets the sessions meanwhile, as it does after some minutes.
_OUTAGES = ((8.0, 5.0, False), (60.0, 15.0, False), (600.0, 60.0, True))
_WITHIN_S = 180.0


class _Log(logging.Handler):
    """Counts what discord.py logs, and how much of it is a traceback."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = self.tracebacks = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += 1
        self.tracebacks += record.exc_info is not None


def rows() -> Iterator[Row]:
    """Let the gateway be away for 8 s, 60 s and 10 min; each bot has a new process's state before each of them."""
    for outage_s, wanted_s, forgets in _OUTAGES:
        yield from asyncio.run(_outage(outage_s, wanted_s, forgets=forgets))


async def _outage(outage_s: float, wanted_s: float, *, forgets: bool) -> list[Row]:
    log = _Log()
    async with Server(shared=True) as server, _bots(server) as bots:
        back: dict[TutorBot, float] = {}
        for bot in bots:
            bot.add_listener(_noting(bot, back), "on_shard_resumed")
            bot.add_listener(_noting(bot, back), "on_shard_connect")
        logging.getLogger("discord").addHandler(log)
        identified = server.gateway.identified
        await server.go_away()
        if forgets:
            server.gateway.sessions.clear()
        await asyncio.sleep(outage_s)
        await server.come_back()
        began = time.monotonic()
        await server.until(lambda: len(back) == _BOTS, _WITHIN_S, "every bot is connected again")
        logging.getLogger("discord").removeHandler(log)
        begun_anew = server.gateway.identified - identified
    waits = [at - began for at in back.values()]
    late = float(np.percentile(waits, 95))
    shown = f"{late:.1f} s (median {median(waits):.1f}, most {max(waits):.1f} s)"
    what = f"gateway away for {outage_s:.0f} s, {_BOTS} bots"
    return [
        Row(f"{what}: connected again, 95th percentile", shown, f"<= {wanted_s:.0f} s", late <= wanted_s),
        Row(f"{what}: sessions resumed; begun anew", f"{_BOTS - begun_anew}; {begun_anew}"),
        Row(f"{what}: lines in the log, a bot", f"{log.lines / _BOTS:.0f}"),
        Row(f"{what}: tracebacks in the log", str(log.tracebacks), "0", log.tracebacks == 0),
    ]


def _noting(bot: TutorBot, back: dict[TutorBot, float]) -> Callable[[int], Coroutine[Any, Any, None]]:
    async def note(shard: int) -> None:
        back.setdefault(bot, time.monotonic())

    return note


@asynccontextmanager
async def _bots(server: Server) -> AsyncIterator[list[TutorBot]]:
    """Connect the real bots, without a model, each with its own data folder."""
    await speak_to(server.api)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bots = []
        for number in range(_BOTS):
            settings = Settings(_env_file=None, data=folder / str(number))
            settings.data.mkdir()
            bot = await stack.enter_async_context(TutorBot(settings, cast("AnsweringEngine", ScriptedTutor())))
            running = asyncio.create_task(bot.start(TOKEN))
            stack.push_async_callback(_ended, running)
            bots.append(bot)
            # One after the other: each migrates its store, and Alembic does that once at a time in a process.
            await server.until(bot.is_ready, _WITHIN_S, "a bot is connected")
        yield bots


async def _ended(running: asyncio.Task[None]) -> None:
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
