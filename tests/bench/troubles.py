"""Takes the disk away from the bot, a process on a real file system, and looks whether all comes back by itself."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.store.migrate import FILE
from tests.bench.quality import essay_settings
from tests.bench.results import Row
from tests.gateway.person import Actor
from tests.gateway.process import Process
from tests.gateway.server import Server
from tests.gateway.world import texts

_SIZE_MB = 64
_QUESTION = "What is the leading technology of the metaverse?"
_RECOVERED_WITHIN_S = 30.0
_LOOKED_S = 1.2  # what was found is given to others who ask within a second


@dataclass(frozen=True, slots=True)
class _Seen:
    state: str
    log: list[str]
    refused: str
    answered: bool
    recovered: bool


def rows() -> Iterator[Row]:
    """Fill the disk, lock the store and make the folder read-only, one after the other, below a bot that serves."""
    with _disk() as data:
        if data is None:
            yield Row("a full disk, a locked store, a read-only folder", "not measured: mounting needs root")
            return
        shutil.copytree(essay_settings().data, data, dirs_exist_ok=True)
        found = asyncio.run(_troubled(data))
    for name, seen in found.items():
        wanted = bool(seen.state) and len(seen.log) == 2 and seen.answered and seen.recovered
        shown = f"/readyz says {seen.state or 'nothing'}; {len(seen.log)} lines in the log; answers: {seen.answered}"
        yield Row(f"{name}: seen, said, over by itself", shown, "all", wanted)
        yield Row(f"{name}: who starts a quiz meanwhile reads", seen.refused[:120])


async def _troubled(data: Path) -> dict[str, _Seen]:
    harms = {"a full disk": _full, "a locked store": _locked, "a read-only folder": _read_only}
    async with Server() as server, Process(server, data, health=True) as bot:
        await bot.ready()
        return {name: await _under(server, bot, harm, data) for name, harm in harms.items()}


async def _under(server: Server, bot: Process, harm: Any, data: Path) -> _Seen:
    learner, begun = Actor(server), len(bot.said)
    with harm(data):
        quiz = await learner.slash("quiz start", number=2)
        refused = await server.until(lambda: quiz.answer or quiz.followups, what="an answer to /quiz start")
        asked = await learner.says(_QUESTION)
        (reply,) = await server.until(lambda: server.replies(asked), what="an answer")
        answered = "extended reality" in texts(reply).lower() or "> " in texts(reply)
        await asyncio.sleep(_LOOKED_S)
        found = await bot.readiness()
    faults = {part: each["state"] for part, each in found.items() if part != "ready" and not each["is_fine"]}

    async def recovered() -> bool:
        for _ in range(int(_RECOVERED_WITHIN_S)):
            if (await bot.readiness())["ready"]:
                return True
            await asyncio.sleep(1)
        return False

    is_over = await recovered()
    again = await learner.slash("quiz start", number=2)
    await server.until(lambda: again.answer, what="a quiz once it is over")
    log = [line for line in bot.said[begun:].splitlines() if " bot." in line]
    state = ", ".join(f"{part} {word}" for part, word in faults.items())
    shown = quiz.answer or quiz.followups[-1]
    return _Seen(state, log, texts(shown), answered, is_over and bool(refused))


@contextmanager
def _disk() -> Iterator[Path | None]:
    """Mount a small file system of its own; None where that is not allowed."""
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={_SIZE_MB}m", "tmpfs", folder], capture_output=True, check=False
        )
        if mounted.returncode:
            yield None
            return
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


@contextmanager
def _full(data: Path) -> Iterator[None]:
    filler = data / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    with closing(sqlite3.connect(data / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def _read_only(data: Path) -> Iterator[None]:
    """Lay a view of the folder over it that refuses writing; what is open already is not affected, as with chmod."""
    subprocess.run(["mount", "--bind", data, data], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", data], check=True)
    try:
        assert os.statvfs(data).f_flag & os.ST_RDONLY
        yield
    finally:
        subprocess.run(["umount", data], check=True)
