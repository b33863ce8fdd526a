"""Runs builds in child processes: one a library, a few at once, each with a time limit, each can be cancelled."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.errors import WorkError
from bot.libraries import command
from bot.libraries.command import Progress
from bot.libraries.storage import storage_of
from bot.observability.events import Observe, WorkBegan, WorkEnded, unobserved
from index.errors import LibraryError, StorageError
from index.generations.manifest import manifests

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings import Settings

__all__ = ["JobRunner", "JobState", "Progress"]

AT_ONCE = 2
_AGAIN_S = 1.0
_CHECKPOINT_S = 3.0  # between two looks for new checkpoints, of which a build writes one in about ten seconds
_TERMINATED_S = 5.0


@dataclass(frozen=True, slots=True)
class JobState:
    """The job of a library as people see it: `place` in the queue counts from 1 and is 0 while the job runs."""

    id: str
    place: int


@dataclass(eq=False, slots=True)
class _Job:
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    is_cancelled: bool = False
    is_done: bool = False
    deadline: asyncio.Timeout | None = None


class JobRunner:
    """Runs commands of the command line with `--json`, one a library and AT_ONCE in all, and returns their results."""

    def __init__(self, settings: Settings, observe: Observe = unobserved) -> None:
        """Take the settings to run the commands with; `observe` gets WorkBegan and WorkEnded."""
        self._settings = settings
        self._observe = observe
        self._storage = storage_of(settings)
        self._jobs: dict[Path, _Job] = {}
        self._queue: list[_Job] = []
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.subprocess.Process] = set()
        self._leaving = asyncio.Event()

    async def run(
        self, folder: Path, arguments: Sequence[str], progress: Progress | None = None, files: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Run `tutor ARGUMENTS` on the library in this folder and return the JSON object that it prints.

        `progress` gets (done, total). Raises WorkError with the command's sentence when it refuses, and when the
        library is busy, the command takes too long or is cancelled.
        """
        with self.claimed(folder):
            return await self.work(folder, arguments, progress, files)

    @contextmanager
    def claimed(self, folder: Path) -> Iterator[None]:
        """Reserve a library for one job; raises WorkError when it is reserved already."""
        if folder in self._jobs:
            raise WorkError.busy()
        self._jobs[folder] = _Job()
        try:
            yield
        finally:
            del self._jobs[folder]

    async def is_busy(self, folder: Path) -> bool:
        """Say whether this library is reserved."""
        return folder in self._jobs

    def job(self, folder: Path) -> JobState | None:
        """Return the state of this library's job; None when there is none."""
        if (job := self._jobs.get(folder)) is None:
            return None
        return JobState(job.id, self._queue.index(job) + 1 if job in self._queue else 0)

    async def cancel(self, folder: Path, id: str | None = None) -> bool:
        """Cancel this library's job, or only the job with this id; returns False when there is none."""
        job = self._jobs.get(folder)
        if job is None or job.is_done or id not in (None, job.id):
            return False
        job.is_cancelled = True
        if job.deadline is not None:
            job.deadline.reschedule(asyncio.get_running_loop().time())
        return True

    async def close(self) -> None:
        """End all jobs and start no more; the next build continues from the checkpoint of an ended one."""
        self._leaving.set()
        for process in self._running:
            process.terminate()
        for process in [*self._running]:
            try:
                await asyncio.wait_for(process.wait(), _TERMINATED_S)
            except TimeoutError:
                process.kill()

    async def work(
        self, folder: Path, arguments: Sequence[str], progress: Progress | None = None, files: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Run a command on a claimed library; `files` are its last arguments. See `run`."""
        job = self._jobs[folder]
        if job.is_cancelled:
            raise WorkError.cancelled()
        limit_s = 60.0 * self._settings.build_minutes
        try:
            async with asyncio.timeout(None) as job.deadline, self._turn(job):
                if job.is_cancelled:  # while it waited in the queue
                    raise WorkError.cancelled()
                job.deadline.reschedule(asyncio.get_running_loop().time() + limit_s)
                return await self._observed(folder, [*arguments, *files], progress)
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

    async def _observed(self, folder: Path, arguments: Sequence[str], progress: Progress | None) -> dict[str, Any]:
        if self._leaving.is_set():
            raise WorkError.left()
        began, done = time.perf_counter(), False
        self._observe(WorkBegan())
        try:
            result = await self._built(folder, arguments, progress)
            done = True
        finally:
            self._observe(WorkEnded(done, time.perf_counter() - began))
        return result

    async def _built(self, folder: Path, arguments: Sequence[str], progress: Progress | None) -> dict[str, Any]:
        """Run a command between the copy of the library that it starts from and the publication of what it made."""
        await self._patient(self._storage.begin_build, folder)
        kept = await asyncio.to_thread(lambda: {manifest.generation for manifest in manifests(folder)})
        saving = asyncio.create_task(self._save_checkpoints(folder))
        try:
            result = await self._run(arguments, progress)
            await self._patient(self._storage.publish, folder)
        except (WorkError, LibraryError, asyncio.CancelledError):
            await asyncio.shield(asyncio.to_thread(self._storage.clear, folder, kept))
            raise
        finally:
            saving.cancel()
            await asyncio.gather(saving, return_exceptions=True)
        return result

    async def _patient(self, step: Callable[[Path], None], folder: Path) -> None:
        """Do a step, again and again while the storage is away, until the time of the build is over."""
        while True:
            try:
                return await asyncio.to_thread(step, folder)
            except StorageError as error:
                if not error.passes or self._leaving.is_set():
                    raise
            await asyncio.sleep(_AGAIN_S)

    async def _save_checkpoints(self, folder: Path) -> None:
        while True:
            await asyncio.sleep(_CHECKPOINT_S)
            with suppress(StorageError):  # tried again
                await asyncio.to_thread(self._storage.save_checkpoint, folder)

    async def _run(self, arguments: Sequence[str], progress: Progress | None) -> dict[str, Any]:
        process = await command.start(self._settings, arguments)
        self._running.add(process)
        if self._leaving.is_set():  # `close` came while it started
            process.terminate()
        try:
            return await command.result(process, progress)
        except WorkError:
            if self._leaving.is_set() and process.returncode:
                raise WorkError.left() from None
            raise
        finally:
            self._running.discard(process)
