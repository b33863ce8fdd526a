"""Deletes a person while libraries change, backups are made and restores are tried, and searches every byte."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing, suppress
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.backup.making import back_up
from bot.backup.restoring import restore
from bot.errors import BotError, DataError
from bot.libraries.admin import LibraryAdmin
from bot.libraries.jobs import JobRunner
from bot.libraries.paths import own_folder
from bot.libraries.pseudonyms import Pseudonyms
from bot.people.audit import LibraryAudit
from bot.people.privacy import PersonalData
from bot.runtime.instance_lock import occupying
from bot.settings import Settings
from bot.store.database import Store
from bot.store.migrate import FILE, migrate, upgrade
from index.errors import LibraryError
from index.generations import promotion, records
from index.generations.manifest import live
from tests.bench.results import Row
from tests.bot.store.test_persons import ALICE, BOB, fill, old_rows, traces
from tests.index.fakes import CLAY, SEA, build_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUNS = 200
_SERVER = 123456789012345678
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_REFUSED = (LibraryError, BotError)


class _Tutor:
    """Stands for the open libraries, of which nothing is asked here."""

    async def renew(self, *, server: int | None = None) -> None: ...


def rows(runs: int = _RUNS) -> Iterator[Row]:
    """Delete a person so often, each time in another data folder that was restored over what was there."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template"
        generations = _furnish(template)
        backup = Path(folder) / "backup.zip"
        back_up(template, backup, at="2026-01-01")
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        other = multiprocessing.get_context("spawn").Process(target=_change_elsewhere, args=(theirs,))
        other.start()
        theirs.close()  # so that its end is noticed
        found: dict[int, list[str]] = {}
        changes = refused = 0
        began = time.perf_counter()
        try:
            for seed in range(runs):
                data = Path(folder) / "data"
                shutil.copytree(template, data)
                restore(data, backup, when="then", replace=True)
                assert traces(data, ALICE)
                with occupying(data):
                    done = asyncio.run(_deleted(data, generations, backup, ours, random.Random(seed)))
                changes, refused = changes + done[0], refused + done[1]
                if left := traces(data, ALICE):
                    found[seed] = left
                assert traces(data, BOB)
                shutil.rmtree(data)
        finally:
            other.kill()
            other.join()
    yield Row(
        f"{runs} deletions: runs that left the person's id in a byte under the data folder",
        f"{len(found)} of {runs} {sorted({each for left in found.values() for each in left})[:3] or ''}".strip(),
        "0",
        not found,
    )
    yield Row("promotions and rollbacks beside them; restores refused because the bot runs", f"{changes}; {refused}")
    yield Row("all of that took", f"{time.perf_counter() - began:.0f} s")


def _furnish(data: Path) -> list[str]:
    """Fill a data folder with a person's traces, in the form of this version and of older ones."""
    data.mkdir()
    upgrade(data / FILE, "0003")
    assert [*old_rows(data / FILE)]
    migrate(data / FILE)
    with closing(sqlite3.connect(data / FILE)) as store, store:
        for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if not name.startswith(("sqlite_", "alembic")):
                store.execute(f"DELETE FROM {name}")
    own = own_folder(data, _SERVER)
    build_texts(data, CLAY)
    generations = [build_texts(own, *texts).generation for texts in ((CLAY,), (CLAY, SEA), (SEA,))]
    for generation in generations:
        promotion.promote(own, generation, at=_NOW.isoformat(), by=str(ALICE))
        records.record(own, generation, {"by": str(ALICE), "exam": {"against": live(own), "passed": True}})
    asyncio.run(_fill(data))
    return generations


async def _fill(data: Path) -> None:
    store = Store(data)
    async with store.writing() as connection:
        await fill(connection, [ALICE, BOB], rows=30)
    await store.close()


async def _deleted(
    data: Path, generations: list[str], backup: Path, other: Connection, rng: random.Random
) -> tuple[int, int]:
    """Delete the person beside all that; gives the changes and the refused restores."""
    store, settings = Store(data), Settings(_env_file=None, data=data)
    pseudonyms = Pseudonyms(store)
    tutor: Any = _Tutor()
    curator = LibraryAdmin(settings, tutor, JobRunner(settings), pseudonyms, now=lambda: _NOW)
    door = PersonalData(
        store, data, LibraryAudit(data, pseudonyms), memories={}, copies=[], now=lambda: _NOW, pseudonyms=pseudonyms
    )
    own, ended, counts = own_folder(data, _SERVER), asyncio.Event(), [0, 0]
    await store.open()
    other.send((data, generations))

    async def change(person: int) -> None:
        while True:
            await asyncio.sleep(rng.uniform(0, 0.01))
            if ended.is_set():  # what somebody does afterwards is remembered again
                return
            generation = rng.choice(generations)
            with suppress(*_REFUSED):
                if rng.random() < 0.5:
                    await curator.roll_back(_SERVER, str(person), generation)
                else:
                    passed = {"exam": {"against": live(own), "passed": True}}
                    records.record(own, generation, passed)
                    await curator.promote(_SERVER, generation, str(person))
                counts[0] += 1

    async def restore_beside() -> None:
        try:
            await asyncio.to_thread(restore, data, backup, when="beside", replace=True)
        except DataError:
            counts[1] += 1

    async def back_up_beside() -> None:
        with suppress(*_REFUSED):
            await asyncio.to_thread(back_up, data, backup.with_name("beside.zip"), at="2026-01-01")

    async def delete() -> None:
        await asyncio.sleep(rng.uniform(0, 0.05))
        await door.forget(ALICE)
        ended.set()

    await asyncio.gather(change(ALICE), change(ALICE), change(BOB), restore_beside(), back_up_beside(), delete())
    other.send("stop")
    counts[0] += await asyncio.to_thread(other.recv)
    await store.close()
    return counts[0], counts[1]


def _change_elsewhere(pipe: Connection) -> None:
    """Promote and roll back as the command line does, in another process, until told to stop."""
    while True:
        data, generations = pipe.recv()
        own, count = own_folder(data, _SERVER), 0
        while not pipe.poll():
            with suppress(LibraryError):
                promotion.roll_back(own, random.choice(generations), at=_NOW.isoformat())
                count += 1
            time.sleep(0.005)  # others want the lock too
        pipe.recv()
        pipe.send(count)
