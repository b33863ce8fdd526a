"""Measures what an export and a deletion cost everybody else: stalls of the event loop, and writes that wait."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
import time
import zipfile
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from bot.people.privacy import PersonalData
from bot.store.database import Store
from bot.store.migrate import FILE, migrate
from bot.store.sqlite import SqliteBackend
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_LEARNER = 1234567890123456789
_SESSIONS = 5000
_STEPS = 10
_MOST_BYTES = 8 * 2**20
_PROBE_S = 0.001
_WANTED_S = 0.05

_CROWD = 1600
_DELETIONS = 10
_EVERY_S = 0.5
_WRITES_EVERY_S = 0.01


class _Nothing:
    """Libraries that nobody has changed."""

    async def of(self, person: int) -> list[dict[str, object]]:
        return []

    async def forget(self, person: int) -> None:
        return


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_exporting(Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_deleting(Path(folder)))


def fill_sessions(path: Path, people: dict[int, int]) -> None:
    """Write for each of these people so many sessions, every step answered, in the order in which they would come."""
    with closing(sqlite3.connect(path)) as store, store:
        turns = sorted((number / count, person) for person, count in people.items() for number in range(count))
        for number, (_, person) in enumerate(turns, 1):
            store.execute("INSERT INTO sessions VALUES (?, ?, 1, NULL, ?)", (number, person, number))
            for position in range(_STEPS):
                item = f"item-{(number + position) % 60}"
                store.execute(
                    "INSERT INTO steps VALUES (?, ?, ?, 'a1b2c3d4e5f6', '[2, 0, 1, 3]', 0, 1, 0, NULL)",
                    (number, position, item),
                )
                answer = (number, position, person, item, number * 1000 + position, number * 2000)
                store.execute(
                    "INSERT INTO answers VALUES "
                    "(?, ?, ?, 1, ?, 'a1b2c3d4e5f6', 'axis', 0, 1, 0.5, 0, ?, 2, NULL, 3.2, 5.1, ?)",
                    answer,
                )


@asynccontextmanager
async def _stalls() -> AsyncIterator[list[float]]:
    """Note how late a task is woken that sleeps a millisecond again and again."""
    late: list[float] = []

    async def probe() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_PROBE_S)
            late.append(time.perf_counter() - began - _PROBE_S)

    task = asyncio.create_task(probe())
    try:
        yield late
    finally:
        task.cancel()


async def _exporting(data: Path) -> list[Row]:
    migrate(data / FILE)
    fill_sessions(data / FILE, {_LEARNER: _SESSIONS})
    store = Store(data)
    door = _door(store, data)
    await store.open()
    async with _stalls() as late:
        began = time.perf_counter()
        files = await door.export_files(_LEARNER, _MOST_BYTES)
        took = time.perf_counter() - began
    async with _stalls() as beside:
        await asyncio.to_thread(_compute, took)
    await store.close()
    told = [_read(file.name, file.content) for file in files]
    answers = sum(len(each["stored"].get("answers", ())) for each in told)
    assert answers == _SESSIONS * _STEPS
    size = sum(len(file.content) for file in files) / 2**20
    return [
        Row(
            f"one person with {_SESSIONS:,} sessions exports: longest event-loop stall",
            f"{1000 * max(late):.0f} ms (beside any busy thread: {1000 * max(beside):.0f} ms)",
            f"{1000 * _WANTED_S:.0f} ms",
            max(late) <= _WANTED_S,
        ),
        Row("that export", f"{took:.1f} s, {len(files)} file(s), {size:.1f} MiB, {answers:,} answers"),
    ]


def _compute(seconds: float) -> None:
    """Be busy in pure Python: what the machine and the interpreter's lock cost by themselves."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        sum(range(1000))


def _read(name: str, content: bytes) -> dict[str, Any]:
    if name.endswith(".zip"):
        with zipfile.ZipFile(BytesIO(content)) as archive:
            content = archive.read(archive.namelist()[0])
    return dict(json.loads(content))


async def _deleting(data: Path) -> list[Row]:
    """Have people deleted one after the other, in a large store, while somebody else writes all the time."""
    migrate(data / FILE)
    people = {_LEARNER + number: 20 for number in range(_DELETIONS)}
    crowd = {_LEARNER + 1000 + number: 40 for number in range(_CROWD)}
    fill_sessions(data / FILE, people | crowd)
    size = (data / FILE).stat().st_size
    store = Store(data)
    door = _door(store, data)
    await store.open()
    waits: list[float] = []
    compacting: list[float] = []
    backend = store._backend
    assert isinstance(backend, SqliteBackend)
    compact = backend._compact

    async def counted() -> None:
        began = time.perf_counter()
        await compact()
        compacting.append(time.perf_counter() - began)

    backend._compactions._compact = counted

    async def write() -> None:
        while True:
            began = time.perf_counter()
            async with store.writing() as connection:
                await connection.execute(text("UPDATE sessions SET created_at = created_at + 1 WHERE id = 7"))
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(_WRITES_EVERY_S)

    async def deleted(number: int) -> float:
        await asyncio.sleep(number * _EVERY_S)
        began = time.perf_counter()
        await door.forget(_LEARNER + number)
        return time.perf_counter() - began

    writer = asyncio.create_task(write())
    began = time.perf_counter()
    took = await asyncio.gather(*(deleted(number) for number in range(_DELETIONS)))
    spent = time.perf_counter() - began
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    await store.close()
    blocked = sum(wait for wait in waits if wait > _WANTED_S)
    return [
        Row(
            f"{_DELETIONS} deletions within {_DELETIONS * _EVERY_S:.0f} s, store of {size / 10**6:.0f} MB: compactions",
            f"{len(compacting)}, {max(compacting):.1f} s the longest",
            "<= 2",
            len(compacting) <= 2,
        ),
        Row(
            "somebody else's writes meanwhile",
            f"longest {1000 * max(waits):.0f} ms, {blocked / spent:.0%} of the time blocked",
        ),
        Row("a deletion until it is confirmed", f"{min(took):.1f} to {max(took):.1f} s"),
    ]


def _door(store: Store, data: Path) -> PersonalData:
    return PersonalData(store, data, _Nothing(), memories={}, copies=[], now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
