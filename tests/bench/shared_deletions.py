"""Deletes 200 people while four processes write for them on one PostgreSQL database, and counts what is left."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bot.store.database import Store
from tests.bench.results import Row
from tests.bot.store.processes import Players, deleted_while_they_play, door, rows_of
from tests.postgresql import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUNS = 200
_PROCESSES = 4
_FIRST = 1234567890123456789


def rows(runs: int = _RUNS) -> Iterator[Row]:
    """Delete one person after the other, each while every process answers quizzes for them."""
    server = Server().start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            left, pressed = asyncio.run(_deleted(server.migrated(), Path(folder), runs))
            took = time.perf_counter() - began
    finally:
        server.remove()
    what = f"{runs} people deleted while {_PROCESSES} processes work for them: rows left or written again"
    yield Row(what, str(left), "0", left == 0)
    yield Row("presses that were answered meanwhile; all of that took", f"{pressed}; {took:.0f} s")


async def _deleted(address: str, data: Path, runs: int) -> tuple[int, int]:
    store, rng, pressed = Store(data, database=address), random.Random(1), 0
    await store.open()
    people = range(_FIRST, _FIRST + runs)
    async with Players(address, data, _PROCESSES) as players:
        for person in people:
            pressed += await deleted_while_they_play(players, door(store, data), person, rng.uniform(0, 0.1))
        left = sum([await rows_of(store, person) for person in people])
    await store.close()
    return left, pressed
