"""What happens to a measured cluster: processes killed at random, failovers, and outages of database and bucket."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

from tests.bench.cluster_builds import add
from tests.bench.cluster_run import (
    BOTS,
    SHARDS,
    STARTS_WITHIN_S,
    WORKERS,
    Failover,
    Kill,
    comes_true,
    ordinal_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.cluster_run import Run

DATABASE, BUCKET = "PostgreSQL", "the bucket"
AWAY_S = 30.0
_UNDER_WAY_S = 6.0  # until an upload is a build that a worker runs
# Of ten kills, so many are of these.
_SHARES = {"bot": 6, "worker": 2, DATABASE: 1, BUCKET: 1}
_FAILOVER = "failover"


async def disturb(run: Run, seconds: float, kills: int, failovers: int) -> None:
    """Kill a part at each of so many random moments; a supervisor starts it again at once."""
    rng = random.Random(1)
    what = rng.choices([*_SHARES], [*_SHARES.values()], k=kills) + [_FAILOVER] * failovers
    rng.shuffle(what)
    began, tasks = time.monotonic(), []
    for part, moment in zip(what, sorted(rng.uniform(0, seconds) for _ in what), strict=True):
        await asyncio.sleep(max(began + moment - time.monotonic(), 0))
        match part:
            case "bot":
                ordinal = rng.randrange(BOTS)
                if _is_connected(run, ordinal):
                    tasks.append(asyncio.create_task(_note_return(run, ordinal)))
                await run.kill(f"bot {ordinal}", run.bots[ordinal])
            case "worker":
                number = rng.randrange(WORKERS)
                await run.kill(f"worker {number}", run.workers[number])
            case "failover":
                tasks.append(asyncio.create_task(_fail_over(run)))
            case _:
                tasks.append(asyncio.create_task(_restart(run, part)))
    await asyncio.gather(*tasks)


async def _fail_over(run: Run) -> None:
    """Kill the primary, promote the standby, and make the old primary a standby anew."""
    async with run.database_turn:
        at = time.monotonic()
        run.say("killed the primary of PostgreSQL")
        await asyncio.to_thread(run.database.stop)
        promotion_s = await asyncio.to_thread(run.database.promote)
        run.failovers.append(Failover(at, promotion_s))
        run.say(f"standby promoted after {promotion_s:.2f} s")
        await asyncio.to_thread(run.database.rejoin)
        run.say("the old primary follows as a standby")


async def _restart(run: Run, part: str) -> None:
    """Kill the primary or the bucket and start it again."""
    stop, start = _switches(run, part)
    async with run.database_turn:
        run.kills.append(Kill(time.monotonic(), part))
        run.say(f"killed {part}, which starts again")
        await asyncio.to_thread(stop)
        await asyncio.to_thread(start)


async def be_away(run: Run, part: str) -> None:
    """Keep a part away for AWAY_S while nothing else fails; the bucket while a build is under way."""
    stop, start = _switches(run, part)
    await run.server.until(run.is_ready, STARTS_WITHIN_S, "every bot is ready")
    building = None
    if part == BUCKET:
        building = asyncio.create_task(add(run, next(iter(run.server.world.more_guilds))))
        await asyncio.sleep(_UNDER_WAY_S)
    await asyncio.to_thread(stop)
    began = time.monotonic()
    run.say(f"{part} is away for {AWAY_S:.0f} s")
    await asyncio.sleep(AWAY_S)
    run.outages[part] = began, time.monotonic()
    await asyncio.to_thread(start)
    run.say(f"{part} is back")
    if building is not None:
        run.waited = await building


def _switches(run: Run, part: str) -> tuple[Callable[[], object], Callable[[], object]]:
    if part == DATABASE:
        return run.database.stop, run.database.restart
    return run.bucket.stop, run.bucket.start


def _is_connected(run: Run, ordinal: int) -> bool:
    """Say whether all shards of a bot have a connection."""
    return {shard for shard in range(SHARDS) if ordinal_of(shard) == ordinal} <= {*run.server.gateway.live_shards}


async def _note_return(run: Run, ordinal: int) -> None:
    """Note how long the shards of a bot that is killed now are without a process, however often it is killed again."""
    began = time.monotonic()
    await comes_true(lambda: not _is_connected(run, ordinal), STARTS_WITHIN_S)
    if await comes_true(lambda: _is_connected(run, ordinal), STARTS_WITHIN_S):
        run.away_s.append(time.monotonic() - began)
        run.say(f"bot {ordinal} is back after {run.away_s[-1]:.1f} s")
