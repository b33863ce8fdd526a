"""Runs long work on libraries in processes of their own: a few at once, each within a time, each can be cancelled."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.errors import WorkError
from bot.libraries import command
from bot.libraries.command import Progress
from bot.observability.events import Observe, WorkBegan, WorkEnded, unobserved

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings import Settings

__all__ = ["JobRunner", "JobState", "Progress"]

AT_ONCE = 2
_TERMINATED_S = 5.0


@dataclass(frozen=True, slots=True)
class JobState:
    """The work on one library as people see it: `place` counts from 1 in the queue, and is 0 for work that runs."""

    id: str
    place: int


@dataclass(eq=False, slots=True)
class _Job:
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    is_cancelled: bool = False
    is_done: bool = False
    deadline: asyncio.Timeout | None = None


class JobRunner:
    """Runs commands of the command line, one a library and AT_ONCE in all, and gives what they print with `--json`."""

    def __init__(self, settings: Settings, observe: Observe = unobserved) -> None:
        """Take the settings that the commands shall have as well, and who hears of what runs."""
        self._settings = settings
        self._observe = observe
        self._jobs: dict[Path, _Job] = {}
        self._queue: list[_Job] = []
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.subprocess.Process] = set()
        self._leaving = asyncio.Event()

    async def run(self, folder: Path, arguments: Sequence[str], progress: Progress | None = None) -> dict[str, Any]:
        """Run `tutor ARGUMENTS`, which works on the library of this folder; gives the object that it prints.

        `progress` hears what is done, and of how much. Raises WorkError with the command's own sentence when it
        refuses, when something is going on in this library already, when it takes too long and when it is cancelled.
        """
        with self.claimed(folder):
            return await self.work(folder, arguments, progress)

    @contextmanager
    def claimed(self, folder: Path) -> Iterator[None]:
        """Keep others from working on a library meanwhile; raises WorkError when somebody does."""
        if folder in self._jobs:
            raise WorkError.busy()
        self._jobs[folder] = _Job()
        try:
            yield
        finally:
            del self._jobs[folder]

    def is_busy(self, folder: Path) -> bool:
        """Say whether something is going on in this library."""
        return folder in self._jobs

    def job(self, folder: Path) -> JobState | None:
        """Say how the work on this library stands; None when there is none."""
        if (job := self._jobs.get(folder)) is None:
            return None
        return JobState(job.id, self._queue.index(job) + 1 if job in self._queue else 0)

    def cancel(self, folder: Path, id: str | None = None) -> bool:
        """End the work on this library, or the job of this id alone; says False when there is no such work any more."""
        job = self._jobs.get(folder)
        if job is None or job.is_done or id not in (None, job.id):
            return False
        job.is_cancelled = True
        if job.deadline is not None:
            job.deadline.reschedule(asyncio.get_running_loop().time())
        return True

    async def close(self) -> None:
        """End what is going on, and begin nothing more; a build is taken up by the next one where it stopped."""
        self._leaving.set()
        for process in self._running:
            process.terminate()
        for process in [*self._running]:
            try:
                await asyncio.wait_for(process.wait(), _TERMINATED_S)
            except TimeoutError:
                process.kill()

    async def work(self, folder: Path, arguments: Sequence[str], progress: Progress | None = None) -> dict[str, Any]:
        """Run a command on a library that was claimed; see `run`."""
        job = self._jobs[folder]
        if job.is_cancelled:
            raise WorkError.cancelled()
        limit_s = 60.0 * self._settings.build_minutes
        try:
            async with asyncio.timeout(None) as job.deadline, self._turn(job):
                if job.is_cancelled:  # in the moment its turn came
                    raise WorkError.cancelled()
                job.deadline.reschedule(asyncio.get_running_loop().time() + limit_s)
                return await self._observed(arguments, progress)
        except TimeoutError:
            raise WorkError.cancelled() if job.is_cancelled else WorkError.too_long(limit_s) from None
        finally:
            job.is_done = True

    @asynccontextmanager
    async def _turn(self, job: _Job) -> AsyncIterator[None]:
        """Wait in the queue until fewer than AT_ONCE processes run."""
        self._queue.append(job)
        try:
            await self._slots.acquire()
        finally:
            self._queue.remove(job)
        try:
            yield
        finally:
            self._slots.release()

    async def _observed(self, arguments: Sequence[str], progress: Progress | None) -> dict[str, Any]:
        if self._leaving.is_set():
            raise WorkError.left()
        began, done = time.perf_counter(), False
        self._observe(WorkBegan())
        try:
            result = await self._run(arguments, progress)
            done = True
        finally:
            self._observe(WorkEnded(done, time.perf_counter() - began))
        return result

    async def _run(self, arguments: Sequence[str], progress: Progress | None) -> dict[str, Any]:
        process = await command.start(self._settings, arguments)
        self._running.add(process)
        if self._leaving.is_set():  # it was on its way when everything was ended
            process.terminate()
        try:
            return await command.result(process, progress)
        except WorkError:
            if self._leaving.is_set() and process.returncode:
                raise WorkError.left() from None
            raise
        finally:
            self._running.discard(process)
