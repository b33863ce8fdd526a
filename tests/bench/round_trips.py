"""Measures a press in the whole bot, as Discord sees it, with a database that is further and further away."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psycopg

from tests.bench.far_database import FarDatabase
from tests.bench.quality import essay_settings
from tests.bench.results import Row
from tests.gateway.interactions import Interaction
from tests.gateway.person import Actor
from tests.gateway.process import Process
from tests.gateway.server import Server
from tests.gateway.world import Json, parts
from tests.postgresql import Server as Database

_ROUND_TRIPS_MS = (0.0, 1.0, 5.0)
_BLOCKS = 6  # of each, in turn: what else the machine does falls on all of them
_PLAYERS = 8
_QUIZZES = 6  # of a player in a block
_PAUSE_S = (0.1, 0.3)
_WANTED_TRIPS = 6.0
_WANTED_S = 1.5  # a press that takes longer is acknowledged before it is finished


@dataclass(slots=True)
class Pressed:
    """What was seen with one distance."""

    presses: list[Interaction] = field(default_factory=list)
    begun: list[Interaction] = field(default_factory=list)
    trips: list[float] = field(default_factory=list)
    """Round trips a press, of each block."""
    measured_ms: list[float] = field(default_factory=list)
    """Of a statement that does nothing."""


def rows() -> Iterator[Row]:
    """Play on SQLite, then on PostgreSQL at each distance in turn."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        shutil.copytree(essay_settings().data, data, dirs_exist_ok=True)
        yield from _press_rows("SQLite", asyncio.run(_on_sqlite(data)))
        found = asyncio.run(_on_postgresql(data))
    for ms, pressed in found.items():
        yield from _press_rows(f"PostgreSQL, {ms:.0f} ms away", pressed)


def _press_rows(where: str, pressed: Pressed) -> Iterator[Row]:
    done = [each.acknowledged_s or np.inf for each in pressed.presses]
    deferred = sum(not each.edits and each.answer is None for each in pressed.presses)
    p50, p99 = 1000 * np.percentile(done, [50, 99])
    measured = f"{p50:.1f}; {p99:.1f} ms of {len(done)}"
    what = f"{where}: press answered with its result, p50; p99"
    yield Row(what, measured, f"<= {1000 * _WANTED_S:.0f} ms", p99 <= 1000 * _WANTED_S and not deferred)
    first = 1000 * np.percentile([each.acknowledged_s or np.inf for each in pressed.begun], [50, 99])
    whole = 1000 * np.percentile([each.answered_s or np.inf for each in pressed.begun], [50, 99])
    shown = f"{first[0]:.1f}; {first[1]:.1f} ms, {whole[0]:.1f}; {whole[1]:.1f} ms"
    yield Row(f"{where}: /quiz start acknowledged; answered, p50; p99", shown)
    if pressed.trips:
        trips, real = float(np.mean(pressed.trips)), float(np.median(pressed.measured_ms))
        yield Row(f"{where}: round trip, as measured", f"{real:.2f} ms")
        wanted = f"<= {_WANTED_TRIPS:.0f}"
        yield Row(f"{where}: round trips a press", f"{trips:.1f}", wanted, trips <= _WANTED_TRIPS)


async def _on_sqlite(data: Path) -> Pressed:
    pressed = Pressed()
    async with Server() as server, Process(server, data) as bot:
        await bot.ready()
        await _play(server, Pressed())
        for _ in range(_BLOCKS):
            await _play(server, pressed)
    return pressed


async def _on_postgresql(data: Path) -> dict[float, Pressed]:
    found = {ms: Pressed() for ms in _ROUND_TRIPS_MS}
    database = Database().start()
    try:
        with FarDatabase(database.folder) as far:
            name = database.empty().split("/")[3].split("?")[0]
            address = f"postgresql://postgres@127.0.0.1:{far.port}/{name}"
            async with Server() as server, Process(server, data, more={"TUTOR_DATABASE": address}) as bot:
                await bot.ready()
                await _play(server, Pressed())
                for _ in range(_BLOCKS):
                    for ms, pressed in found.items():
                        far.set_round_trip(ms)
                        pressed.measured_ms.append(await asyncio.to_thread(_measured_ms, address))
                        far.set_round_trip(ms)
                        pressed.trips.append(await _play(server, pressed, far, ms))
    finally:
        database.remove()
    return found


def _measured_ms(address: str) -> float:
    taken = []
    with psycopg.connect(address, autocommit=True) as connection:
        for _ in range(20):
            began = time.perf_counter()
            connection.execute("SELECT 1")
            taken.append(time.perf_counter() - began)
    return 1000 * float(np.median(taken))


async def _play(server: Server, pressed: Pressed, far: FarDatabase | None = None, ms: float = 0.0) -> float:
    """Let everybody begin their quizzes, then press at the same time; give the round trips a press."""
    actors = [Actor(server, f"player{number}") for number in range(_PLAYERS)]
    quizzes = await asyncio.gather(*(_begin(server, pressed, actor) for actor in actors))
    if far is not None:
        far.set_round_trip(ms)
    before = len(pressed.presses)
    await asyncio.gather(*(_press(server, pressed, *each) for each in zip(actors, quizzes, strict=True)))
    return 0.0 if far is None else far.set_round_trip(ms) / (len(pressed.presses) - before)


async def _begin(server: Server, pressed: Pressed, actor: Actor) -> list[Json]:
    """Begin quizzes whose first question is a choice."""
    steps: list[Json] = []
    while len(steps) < _QUIZZES:
        await asyncio.sleep(random.uniform(*_PAUSE_S))
        begun = await actor.slash("quiz start", number=1)
        step = await server.until(lambda begun=begun: begun.answer)  # type: ignore[misc]  # bound at once
        pressed.begun.append(begun)
        if any(each.get("label") == "A" for each in parts(step["components"])):
            steps.append(step)
    return steps


async def _press(server: Server, pressed: Pressed, actor: Actor, steps: list[Json]) -> None:
    """Choose and submit in each quiz."""
    for step in steps:
        for label in ("A", "Submit"):
            await asyncio.sleep(random.uniform(*_PAUSE_S))
            act = await actor.presses(step, label)
            await server.until(lambda act=act: act.answer)  # type: ignore[misc]
            pressed.presses.append(act)
