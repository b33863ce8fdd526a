"""Kills `tutor backup` and `tutor restore` as processes, and the upgrade of a store, and looks at what is left.

tests/bot/backup/moments.py kills the first two at each single change to the disk; here the whole program is killed at
any moment, backups beside a bot that is at work.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bot.backup.reading import opened
from bot.backup.restoring import restore
from bot.errors import BackupError
from bot.store.migrate import FILE, HEAD, upgrade
from tests.bench.learners import Learner, Tally
from tests.bench.ledger import Ledger
from tests.bench.moments import WITHIN_S, Clock, Found
from tests.bench.quality import essay_settings
from tests.bench.results import Row
from tests.bench.upgrades import kill_upgrades
from tests.bot.backup.furnished import kept
from tests.gateway.process import ROOT, Process
from tests.gateway.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEARNERS = 4
_WARM_S = 3.0


def rows(times: int) -> Iterator[Row]:
    """Kill each of them so often."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        shutil.copytree(essay_settings().data, here / "data")
        yield from asyncio.run(_backups(here, times))
        restores = asyncio.run(_restores(here, times))
        yield restores.row("restores killed: content neither the old nor the new, whole", "after they were decided")
    with tempfile.TemporaryDirectory() as folder:
        upgrades = asyncio.run(kill_upgrades(Path(folder), times))
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
        await bot.ready(WITHIN_S)
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
