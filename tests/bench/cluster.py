"""Kills every part of a cluster at random while people ask, play and change libraries; real processes on loopback."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import cluster_rows
from tests.bench.cluster_builds import maintain
from tests.bench.cluster_kills import BUCKET, DATABASE, be_away, disturb
from tests.bench.cluster_people import ask, host, play, players
from tests.bench.cluster_run import STARTS_WITHIN_S, Run, comes_true, running
from tests.bench.results import Row

_MENTIONS_PER_S = 15.0  # what two cores do beside the restarts of the bots
_MAINTAINERS = 2
_SETTLED_S = 60.0
_ROUNDS_OVER_S = 120.0


def rows(minutes: float = 10, kills: int = 50, failovers: int = 10, rate: float = _MENTIONS_PER_S) -> Iterator[Row]:
    """Run for so many minutes with kills and failovers at random moments; then take database and bucket away."""
    yield from asyncio.run(_run(60 * minutes, kills, failovers, rate))


async def _run(seconds: float, kills: int, failovers: int, rate: float) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder)) as run:
            run.execute(cluster_rows.COUNT_CLOSINGS)
            await _under_load(run, seconds, kills, failovers, rate)
            return [*cluster_rows.rows(run, rate, Path(folder) / "look")]


async def _under_load(run: Run, seconds: float, kills: int, failovers: int, rate: float) -> None:
    """People do what they do until all of this is over; each part of it begins when the bots are ready again."""
    guilds, rng, began = [*run.server.world.more_guilds], random.Random(2), time.monotonic()
    run.players = players(run)
    people = [ask(run, rate), *(play(run, each) for each in run.players), *(host(run, guild, rng) for guild in guilds)]
    tasks = [asyncio.create_task(each) for each in people]
    maintainers = [maintain(run, guilds[number::_MAINTAINERS], began + seconds) for number in range(_MAINTAINERS)]
    await asyncio.gather(disturb(run, seconds, kills, failovers), *maintainers)
    for part in (DATABASE, BUCKET):
        await be_away(run, part)
    run.is_over, run.loaded_s = True, time.monotonic() - began
    await asyncio.gather(*tasks)
    run.say("people stop")
    await run.server.until(run.is_ready, STARTS_WITHIN_S, "every bot is ready again")
    await comes_true(lambda: cluster_rows.rounds_are_over(run), _ROUNDS_OVER_S, look_s=1.0)
    await comes_true(lambda: not cluster_rows.unanswered(run).lost, _SETTLED_S, look_s=1.0)
