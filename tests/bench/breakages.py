"""Kills `tutor backup`, `tutor restore` and the upgrade of a store, as processes, and looks at what is left.

tests/bot/backup/moments.py kills the first two at each single change to the disk; here the whole program is killed at
any moment, backups beside a bot that is at work.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.backup.reading import opened
from bot.backup.restoring import restore
from bot.errors import BackupError
from bot.store.migrate import FILE, HEAD, known_revisions, revision, upgrade
from tests.bench.learners import Learner, Tally, comes_true
from tests.bench.ledger import Ledger
from tests.bench.quality import Row, essay_settings
from tests.bot.backup.furnished import kept
from tests.gateway.process import ROOT, Process
from tests.gateway.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

_WITHIN_S = 120.0
_ROWS = 60_000
_LEARNERS = 4
_WARM_S = 3.0


@dataclass(slots=True)
class Clock:
    """Draws moments to kill at: of the whole process, or, as often, of the work that it does in the end."""

    rng: random.Random
    whole_s: float = 0.0
    work_s: float = 0.0

    async def passes(self, has_begun: Callable[[], bool], has_ended: Callable[[], bool]) -> None:
        """Wait until a moment drawn; has_ended cuts it short."""
        share = self.rng.random()
        if self.rng.random() < 0.5:
            await comes_true(has_ended, share * self.whole_s)
            return
        await comes_true(lambda: has_begun() or has_ended(), _WITHIN_S)
        await comes_true(has_ended, share * self.work_s)

    async def measure(self, has_begun: Callable[[], bool], has_ended: Callable[[], bool]) -> None:
        began = time.monotonic()
        await comes_true(lambda: has_begun() or has_ended(), _WITHIN_S)
        begun = time.monotonic()
        assert await comes_true(has_ended, _WITHIN_S)
        self.whole_s, self.work_s = time.monotonic() - began, time.monotonic() - begun


@dataclass(slots=True)
class Found:
    """What came of it: `kills` hit, after `done` of which the work had been done already, and faults."""

    kills: int = 0
    done: int = 0
    faults: list[str] = field(default_factory=list)

    def row(self, what: str, of: str) -> Row:
        measured = f"{len(self.faults)} of {self.kills} ({self.done} {of}) {self.faults[:2] if self.faults else ''}"
        return Row(what, measured.strip()[:400], "0", not self.faults)


def rows(times: int) -> Iterator[Row]:
    """Kill each of them so often."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        shutil.copytree(essay_settings().data, here / "data")
        yield from asyncio.run(_backups(here, times))
        restores = asyncio.run(_restores(here, times))
        yield restores.row("restores killed: content neither the old nor the new, whole", "after they were decided")
    with tempfile.TemporaryDirectory() as folder:
        upgrades = asyncio.run(_upgrades(Path(folder), times))
        yield upgrades.row("upgrades by `tutor run` killed: rows or copy lost, or no start after", "done already")


async def _run(*arguments: str) -> asyncio.subprocess.Process:
    """Start `tutor` with these arguments."""
    pipe = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe
    )


async def _backups(here: Path, times: int) -> list[Row]:
    """Kill backups of a bot that takes answers; then make one, restore it, and look for what was told before it."""
    data, file, tally = here / "data", here / "backups" / "b.zip", Tally()
    file.parent.mkdir()
    async with Server() as server, Process(server, data, questions_per_minute=None) as bot:
        await bot.ready(_WITHIN_S)
        learners = [Learner(server, tally, number, seed=2) for number in range(_LEARNERS)]
        playing = [asyncio.create_task(learner.play()) for learner in learners]
        await asyncio.sleep(_WARM_S)
        found = await _killed_backups(data, file, times)
        before = dict(tally.told)
        whole = await _run("--data", str(data), "backup", str(file))
        code = await whole.wait()
        for task in playing:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)
    await asyncio.to_thread(restore, here / "check", file, when="then")
    ledger, told = Ledger(), Tally(told=before, submitted=tally.submitted)
    ledger.look(here / "check", told, [])
    wrong = [*ledger.lost, *ledger.wrong, *ledger.doubled, *ledger.unsound, *tally.dead, *[code] * bool(code)]
    beside = [path.name for path in file.parent.iterdir() if path != file]
    whole_row = Row(
        "a whole backup after them: told before it and not in it, dead presses, litter",
        f"{len(wrong)} of {len(before)}, {tally.presses} presses {wrong[:2] + beside if wrong + beside else ''}"[:400],
        "0",
        not wrong and not beside,
    )
    return [found.row("backups killed beside a busy bot: the last one not whole", "made a new one"), whole_row]


async def _killed_backups(data: Path, file: Path, times: int) -> Found:
    found, clock = Found(), Clock(random.Random(3))

    def has_begun() -> bool:
        return any(file.parent.glob(f".{file.name}.*.part"))

    while found.kills < times:
        before = _inode(file)
        running = await _run("--data", str(data), "backup", str(file))
        if before is None:
            await clock.measure(has_begun, _ended(running))
            continue
        for left_over in file.parent.glob(".*.part"):
            shutil.rmtree(left_over)  # which only the next backup would do, and it must not be taken for its own
        await clock.passes(has_begun, _ended(running))
        hit = await _kill(running)
        found.kills += hit
        found.done += hit and _inode(file) != before
        try:
            with opened(file):
                pass
        except BackupError as error:
            found.faults.append(str(error))
    return found


async def _restores(here: Path, times: int) -> Found:
    """Kill restores into a folder that is in use; the next command to come has to find the old or the new there."""
    found, clock, data = Found(), Clock(random.Random(4)), here / "restored"
    template, file = here / "template", here / "backups" / "b.zip"
    shutil.copytree(essay_settings().data, template)
    upgrade(template / FILE, HEAD)
    old, new = kept(template), kept(here / "check")
    command = ("--data", str(data), "restore", "--replace", str(file))

    def has_begun() -> bool:
        return (data / ".restoring").exists()

    while found.kills < times:
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(template, data)
        running = await _run(*command)
        if not clock.whole_s:
            await clock.measure(has_begun, _ended(running))
            continue
        await clock.passes(has_begun, _ended(running))
        hit = await _kill(running)
        found.kills += hit
        decided = any(data.glob(".restored-*")) or any(data.glob(".settling-*")) or any(data.glob("before-restore-*"))
        code = await (await _run("--data", str(data), "index", "status")).wait()
        came = await asyncio.to_thread(kept, data)
        found.done += hit and decided
        aside = [kept(path) == old for path in data.glob("before-restore-*")]
        if code or came != (new if decided else old) or aside != [True] * decided:
            found.faults.append(f"exit code {code}, decided {decided}, old {came == old}, new {came == new}, {aside}")
    return found


async def _upgrades(here: Path, times: int) -> Found:
    """Kill `tutor run` on stores of older versions, and none, in WAL and without; the next start has to bring it up."""
    found, rng = Found(), random.Random(5)
    versions = [None, *known_revisions()[:-1]]
    clocks = {version: Clock(rng) for version in versions}
    templates = {version: _old_store(here / "old", version) for version in versions}
    data = here / "data"
    shutil.copytree(essay_settings().data, data)
    number = 0
    while found.kills < times:
        version, wal = versions[number % len(versions)], number % 2 == 0
        number += 1
        _put_back(data, templates[version], wal=wal)
        async with Server() as server:
            bot = Process(server, data)
            await bot.start()
            copy = data / (FILE if version is None else f"{FILE}.{version}")

            def has_ended(bot: Process = bot, server: Server = server) -> bool:
                return bot.exit_code is not None or server.gateway.live is not None

            if not clocks[version].whole_s:
                await clocks[version].measure(copy.exists, has_ended)
                await bot.kill()
                continue
            await clocks[version].passes(copy.exists, has_ended)
            hit = bot.exit_code is None
            await bot.kill()
            found.kills += hit
            found.done += hit and _is_upgraded(data)
            await bot.start()
            await comes_true(has_ended, _WITHIN_S)
            code = bot.exit_code
            await bot.kill()
        if fault := _upgraded(data, templates[version], version):
            found.faults.append(f"from {version}, WAL {wal}: {fault}, exit code {code}, {bot.said[-200:]}")
    return found


def _inode(file: Path) -> int | None:
    """Give what a new file in the same place would not have."""
    return file.stat().st_ino if file.exists() else None


def _ended(running: asyncio.subprocess.Process) -> Callable[[], bool]:
    return lambda: running.returncode is not None


async def _kill(running: asyncio.subprocess.Process) -> bool:
    """Kill a process and say whether it was still running."""
    if running.returncode is None:
        running.kill()
    return await running.wait() == -9


def _old_store(folder: Path, version: str | None) -> Path:
    """Make a store of an older version with many rows; an empty path for none."""
    path = folder / str(version)
    if version is not None:
        folder.mkdir(exist_ok=True)
        upgrade(path, version)
        with closing(sqlite3.connect(path)) as store, store:
            rows = ((n, n % 500, "x" * 40) for n in range(_ROWS))
            store.executemany(
                "INSERT INTO answers (session, position, person, item, version, axis, again, option, score, hints,"
                " answered_at, state, due) VALUES (?, 0, ?, ?, 'v', 'a', 0, 1, 1.0, 0, 5, 1, 9)",
                rows,
            )
    return path


def _put_back(data: Path, template: Path, *, wal: bool) -> None:
    for path in data.glob(f"{FILE}*"):
        path.unlink()
    if template.exists():
        shutil.copy(template, data / FILE)
        with closing(sqlite3.connect(data / FILE)) as store:
            store.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")


def _is_upgraded(data: Path) -> bool:
    """Look at a copy: to look at a file is to take back what a killed process was about to write into it."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (data / FILE, *(data / f"{FILE}{more}" for more in ("-journal", "-wal"))):
            if path.exists():
                shutil.copy(path, folder)
        try:
            return revision(Path(folder) / FILE) == HEAD
        except sqlite3.Error:
            return False  # what the next start has to say of it


def _upgraded(data: Path, template: Path, version: str | None) -> str:
    """Say what is wrong with a store that was brought up to date, and with the copy of what it was."""
    try:
        if (found := revision(data / FILE)) != HEAD:
            return f"at {found}"
    except sqlite3.Error as error:
        return str(error)
    paths = [data / FILE] if version is None else [data / FILE, data / f"{FILE}.{version}"]
    for path in paths:
        with closing(sqlite3.connect(path)) as store:
            if store.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                return f"{path.name} unsound"
        if version is not None and _answers(path) != _answers(template):
            return f"{path.name} has other rows"
    return ""


def _answers(path: Path) -> str:
    with closing(sqlite3.connect(path)) as store:
        rows = store.execute("SELECT session, position, person, item, score, due FROM answers ORDER BY session")
        return hashlib.sha256(repr(rows.fetchall()).encode()).hexdigest()
