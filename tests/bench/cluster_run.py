"""The processes of a measured cluster, the supervisor that starts them again, and what was seen of them."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.libraries.storage import storage_of
from bot.settings import Settings
from index.models import backend, openvino_runtime
from index.models.registry import DEFAULT_MODEL, GRAPHS, Backend
from tests.bench.quality import essay_settings
from tests.failover import Pair
from tests.gateway.process import Process
from tests.gateway.server import Server
from tests.s3 import S3Server

if TYPE_CHECKING:
    from tests.bench.cluster_builds import Build
    from tests.bench.cluster_people import Mention, OpenRound, Player

BOTS, WORKERS, SHARDS = 4, 2, 8
_MAX_CONCURRENCY = 4
_STORE = "tutor"
_BUCKET = "s3://bucket/cluster"
_LOOK_S = 0.1
STARTS_WITHIN_S = 300.0


@dataclass(frozen=True, slots=True)
class Kill:
    """A process that was killed: when, and its name; times are monotonic, in seconds."""

    at: float
    name: str


@dataclass(frozen=True, slots=True)
class Failover:
    """When the primary was killed, and how long the promotion of the standby took."""

    at: float
    promotion_s: float


@dataclass(slots=True)
class Run:
    """The parts of a run, and what was seen in it; times are monotonic, in seconds."""

    server: Server
    database: Pair
    bucket: S3Server
    bots: list[Process] = field(default_factory=list)
    workers: list[Process] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    mentions: list[Mention] = field(default_factory=list)
    players: list[Player] = field(default_factory=list)
    rounds: list[OpenRound] = field(default_factory=list)
    builds: list[Build] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    failovers: list[Failover] = field(default_factory=list)
    away_s: list[float] = field(default_factory=list)
    """How long the shards of a killed process were without one."""
    ended: list[tuple[float, str]] = field(default_factory=list)
    """When a process ended by itself, and what it said last."""
    outages: dict[str, tuple[float, float]] = field(default_factory=dict)
    """When the database and the bucket were away, by their names."""
    waited: Build | None = None
    """The build that was under way when the bucket was away."""
    is_over: bool = False
    """People stop to ask and to play."""
    loaded_s: float = 0.0
    """How long they did."""
    database_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a server of the database is killed and comes back."""
    _expected: set[Process] = field(default_factory=set)

    def say(self, event: str) -> None:
        """Print what happens, with the seconds since the start."""
        print(f"{time.monotonic() - self.began:7.1f} s  {event}", file=sys.stderr, flush=True)

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement on the primary."""
        return self.database.primary.execute(statement, _STORE)

    def is_ready(self) -> bool:
        """Say whether every bot has its shards and its library."""
        return all(bot.is_open for bot in self.bots) and self.server.gateway.live_shards == [*range(SHARDS)]

    async def kill(self, name: str, process: Process) -> None:
        """Kill a process once it runs; the supervisor starts it again."""
        await comes_true(lambda: process.exit_code is None, STARTS_WITHIN_S)
        self._expected.add(process)
        self.kills.append(Kill(time.monotonic(), name))
        self.say(f"killed {name}")
        await process.kill()

    async def supervise(self) -> None:
        """Start every process again that has ended, until cancelled."""
        while True:
            for process in [*self.bots, *self.workers]:
                if process.exit_code is None:
                    continue
                if process not in self._expected:
                    self.ended.append((time.monotonic(), (process.said.splitlines() or ["nothing"])[-1]))
                    self.say(f"ended by itself: {self.ended[-1][1][:150]}")
                self._expected.discard(process)
                await process.start()
            await asyncio.sleep(_LOOK_S)


def ordinal_of(shard: int) -> int:
    """Return the number of the bot that has a shard."""
    return shard * BOTS // SHARDS


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Run]:
    """Start the database, the bucket with the library of the essay, four bots and two workers."""
    async with AsyncExitStack() as stack:
        database = Pair()
        stack.callback(database.remove)
        database.start()
        database.primary.execute(f"CREATE DATABASE {_STORE}")
        bucket = S3Server(folder / "s3")
        stack.callback(bucket.stop)
        bucket.start()
        server = await stack.enter_async_context(Server(shards=SHARDS))
        server.gateway.max_concurrency = _MAX_CONCURRENCY
        run = Run(server, database, bucket)
        await asyncio.to_thread(_publish, run, folder / "seed")
        for ordinal in range(BOTS):
            run.bots.append(_process(run, folder / f"bot{ordinal}", "run", ORDINAL=str(ordinal)))
        for number in range(WORKERS):
            run.workers.append(_process(run, folder / f"worker{number}", "work", ORDINAL="0"))
        for process in [*run.bots, *run.workers]:
            await stack.enter_async_context(process)
        supervising = asyncio.create_task(run.supervise())
        stack.push_async_callback(_ended, supervising)
        await server.until(run.is_ready, STARTS_WITHIN_S, "every bot is ready")
        run.say(f"{BOTS} bots and {WORKERS} workers run")
        yield run


def settings_of(run: Run, data: Path) -> Settings:
    """Return the settings of a further process of the cluster, which has this data folder."""
    return Settings.model_validate({"data": data, "bucket": _BUCKET, "bucket_endpoint": run.bucket.endpoint})


def _publish(run: Run, seed: Path) -> None:
    """Put the library of the essay into the bucket, and make what all processes read of the model once."""
    shutil.copytree(essay_settings().data, seed)
    (seed / GRAPHS).mkdir(exist_ok=True)
    backend.load(DEFAULT_MODEL, seed, _backend(), say=run.say)
    os.environ.update(run.bucket.environment())
    storage_of(settings_of(run, seed)).pull(seed)


def _backend() -> Backend:
    return Backend.OPENVINO if openvino_runtime.is_installed() else Backend.TORCH


def _process(run: Run, data: Path, command: str, **layout: str) -> Process:
    """Return a process with a data folder that has the model and no library."""
    data.mkdir()
    (data / GRAPHS).symlink_to(data.parent / "seed" / GRAPHS)
    named = {
        "DATABASE": run.database.address(_STORE),
        "BUCKET": _BUCKET,
        "BUCKET_ENDPOINT": run.bucket.endpoint,
        "SHARDS": str(SHARDS),
        "PROCESSES": str(BOTS),
        **layout,
    }
    more = {f"TUTOR_{name}": value for name, value in named.items()} | run.bucket.environment()
    return Process(run.server, data, backend=_backend(), command=command, more=more)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def comes_true(true: Callable[[], object], within_s: float, look_s: float = 0.03) -> bool:
    """Wait until this is true, and say whether it is after so many seconds."""
    end = time.monotonic() + within_s
    while not true():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(look_s)
    return True
