"""Compares a quiz press on PostgreSQL with one on SQLite, and measures the copy of a large store between them."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import event

from bot.store.copying import Copied, SqlitePlace, copy_store
from bot.store.database import Store
from bot.store.migrate import FILE, migrate
from bot.store.postgresql.backend import PostgresBackend
from bot.store.postgresql.place import PostgresPlace
from bot.store.sqlite import SqliteBackend
from tests.bench.results import Row
from tests.bot.store.players import Quizzes
from tests.postgresql import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRESSES = 400
_WARM_UP = 40
_BLOCK = 20
_PEOPLE = 100_000
_SESSIONS = 1  # of a person
_STEPS = 5  # of a session
_FIRST = 10**18


def rows(people: int = _PEOPLE) -> Iterator[Row]:
    """Press in turn on both, then copy there and back."""
    server = Server().start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield from asyncio.run(_pressed(Path(folder) / "presses", server.migrated()))
            yield from _copied(Path(folder), server, people)
    finally:
        server.remove()


async def _pressed(data: Path, address: str) -> list[Row]:
    """Choose and submit on one and on the other in blocks, and count this process's time and statements."""
    stores = {"SQLite": Store(data), "PostgreSQL": Store(data, database=address)}
    quizzes = {name: Quizzes(store, seed=1) for name, store in stores.items()}
    spent: dict[str, list[float]] = {name: [] for name in stores}
    counts: dict[str, list[int]] = {name: [] for name in stores}
    for name, store in stores.items():
        await store.open()
        _count(store, counts[name])
    gc.disable()  # a collection would fall on one of the two
    try:
        for block in range(_PRESSES // _BLOCK):
            for name, each in quizzes.items():
                person = 10**18 + block
                sessions = [(await each.begin(person))[0] for _ in range(_BLOCK)]
                counts[name].clear()
                began = time.process_time()
                for session in sessions:
                    found = await each.sessions.find(session)  # the check of the button's owner
                    await each.sessions.pick(found.id, 0, 0, person)
                    await each.sessions.find(session)
                    await each.sessions.submit(session, 0, person)
                spent[name].append((time.process_time() - began) / (2 * _BLOCK))
                spent[f"{name} statements"] = [len(counts[name]) / (2 * _BLOCK)]
            gc.collect()
    finally:
        gc.enable()
        for store in stores.values():
            await store.close()
    ms = {name: 1000 * float(np.median(spent[name][_WARM_UP // _BLOCK :])) for name in stores}
    ratio = ms["PostgreSQL"] / ms["SQLite"]
    times = f"{ratio:.2f} ({ms['PostgreSQL']:.2f} / {ms['SQLite']:.2f} ms)"
    trips = spent["PostgreSQL statements"][0] + 2  # BEGIN with the locks, and COMMIT, go past the counter
    return [
        Row("press on PostgreSQL / on SQLite, CPU time of the bot, no round trip", times, "<= 1.5", ratio <= 1.5),
        Row("round trips of a press, BEGIN and COMMIT too", f"{trips:.1f}", "<= 6", trips <= 6),
        Row("statements of a press on SQLite", f"{spent['SQLite statements'][0]:.1f}"),
    ]


def _count(store: Store, counted: list[int]) -> None:
    backend = store._backend
    assert isinstance(backend, SqliteBackend | PostgresBackend)
    assert backend._engine is not None

    def note(*_: Any) -> None:
        counted.append(1)

    event.listen(backend._engine.sync_engine, "before_cursor_execute", note)


def _copied(folder: Path, server: Server, people: int) -> Iterator[Row]:
    old, new, address = folder / "old" / FILE, folder / "new" / FILE, server.empty()
    _furnish(old, people)
    size_mb = old.stat().st_size / 2**20
    there: list[Copied] = []
    back: list[Copied] = []
    began = time.perf_counter()
    copy_store(SqlitePlace(old), PostgresPlace(address), there.append)
    there_s = time.perf_counter() - began
    copy_store(PostgresPlace(address), SqlitePlace(new), back.append)
    back_s = time.perf_counter() - began - there_s
    rows = sum(each.rows for each in there)
    what = f"store copy of {people:,} people, {rows:,} rows, {size_mb:.0f} MB: there; back"
    yield Row(what, f"{there_s / 60:.1f} min; {back_s / 60:.1f} min")
    same = sum(a == b for a, b in zip(there, back, strict=True))
    yield Row("tables whose rows are all the same there and back", f"{same} of {len(there)}", "all", there == back)


def _furnish(path: Path, people: int) -> None:
    """Fill a store with sessions, steps and answers."""
    migrate(path)
    with closing(sqlite3.connect(path)) as file, file:
        sessions = people * _SESSIONS
        file.executemany(
            "INSERT INTO sessions (id, person, guild, created_at) VALUES (?, ?, ?, ?)",
            ((n, _FIRST + n % people, 7, 10**15 + n) for n in range(1, sessions + 1)),
        )
        places = [(session, step) for session in range(1, sessions + 1) for step in range(_STEPS)]
        file.executemany(
            "INSERT INTO steps (session, position, item, version, options, again) VALUES (?, ?, ?, 'v1', ?, 0)",
            ((n, step, f"item-{(n + step) % 150}", "[2, 0, 1, 3]") for n, step in places),
        )
        file.executemany(
            "INSERT INTO answers VALUES (?, ?, ?, 7, ?, 'v1', 'axis', 0, 1, ?, 0, ?, 2, NULL, ?, ?, ?)",
            (_answer(n, step, _FIRST + n % people) for n, step in places),
        )


def _answer(session: int, step: int, person: int) -> tuple[object, ...]:
    at = 10**15 + 10 * session + step
    item = f"item-{(session + step) % 150}"
    return session, step, person, item, session % 3 / 2, at, session / 7, 5 + session / 9e6, 2 * at
