"""Builds as jobs of a queue: the bot's side. Workers of `tutor work` run them; files go through the bucket."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import WorkError
from bot.libraries.command import Progress
from bot.libraries.jobs import JobRunner, JobState
from bot.libraries.queue import DATABASE_ERRORS, BuildQueue
from bot.objects.bucket import Bucket, open_bucket
from bot.observability.events import Observe, WorkBegan, WorkEnded, unobserved
from index.errors import StorageError

if TYPE_CHECKING:
    from bot.settings import Settings

_POLL_S = 2.0
"""Between two looks into the queue: a notice may be lost while the database is away."""
_LOOKS, _LOOK_S = 40, 0.05
"""At most so many looks, so many seconds apart, until a job with a result has left the queue."""


@dataclass(eq=False, slots=True)
class _Waiting:
    progress: Progress | None
    place: int = 1
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class QueuedJobs(JobRunner):
    """Puts commands into the queue and waits for their results; see JobRunner."""

    def __init__(self, settings: Settings, queue: BuildQueue, bucket: Bucket, observe: Observe = unobserved) -> None:
        """Take the queue and the bucket, which are opened at the first job."""
        super().__init__(settings, observe)
        self._build_queue = queue
        self._bucket = bucket
        self._waiting: dict[str, _Waiting] = {}
        self._opened: AsyncExitStack | None = None
        self._opening = asyncio.Lock()

    def job(self, folder: Path) -> JobState | None:
        """Return the state of this library's job, if this process waits for it; None when there is none."""
        if (job := self._jobs.get(folder)) is None:
            return None
        waiting = self._waiting.get(job.id)
        return JobState(job.id, waiting.place if waiting is not None else 1)

    async def is_busy(self, folder: Path) -> bool:
        """Say whether this library has a job, also of another process; only of this one while the database is away."""
        with suppress(WorkError):
            return await super().is_busy(folder) or await self._queued(folder) is not None
        return False

    async def cancel(self, folder: Path, id: str | None = None) -> bool:
        """Cancel this library's job, also one that a process before this one has put into the queue.

        Raises WorkError or StorageError when the queue or the bucket is away.
        """
        if await super().cancel(folder, id):
            return True
        found = await self._queued(folder)
        if found is None or id not in (None, found[1]):
            return False
        number, job = found
        refusal = json.dumps({"refused": str(WorkError.cancelled())}).encode()
        # Read by a process that waits for this job; a worker that takes it up finds it done.
        await asyncio.to_thread(self._bucket.write, result_name(job), refusal)
        await self._build_queue.cancel(number)
        return True

    async def work(
        self, folder: Path, arguments: Sequence[str], progress: Progress | None = None, files: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Have a worker run a command on a claimed library; see `run`."""
        job = self._jobs[folder]
        if job.is_cancelled:
            raise WorkError.cancelled()
        await self._open()
        self._waiting[job.id] = _Waiting(progress)
        number: int | None = None
        began, done = time.perf_counter(), False
        self._observe(WorkBegan())
        try:
            async with asyncio.timeout(None) as job.deadline:
                sent = await asyncio.to_thread(self._send, job.id, files)
                server = int(folder.name) if folder != self._settings.data else None
                number = await self._build_queue.put(
                    self._lock_of(folder), job=job.id, server=server, arguments=[*arguments], files=sent
                )
                result = await self._until_done(job.id, number)
                done = True
                return result
        except TimeoutError:
            if number is not None:
                await self._build_queue.cancel(number)
            raise WorkError.cancelled() from None
        finally:
            job.is_done = True
            del self._waiting[job.id]
            self._observe(WorkEnded(done, time.perf_counter() - began))

    async def close(self) -> None:
        """Wait for nothing any more; the workers go on."""
        self._leaving.set()
        for waiting in self._waiting.values():
            waiting.changed.set()
        if self._opened is not None:
            opened, self._opened = self._opened, None
            await opened.aclose()

    async def _queued(self, folder: Path) -> tuple[int, str] | None:
        """Return number and id of the job that a library has in the queue; raises WorkError."""
        await self._open()
        return await self._build_queue.of(self._lock_of(folder))

    def _lock_of(self, folder: Path) -> str:
        return f"library {folder.name if folder != self._settings.data else 'shared'}"

    async def _open(self) -> None:
        async with self._opening:
            if self._leaving.is_set():
                raise WorkError.left()
            if self._opened is None:
                async with AsyncExitStack() as stack:
                    await stack.enter_async_context(self._build_queue.open())
                    listening = asyncio.create_task(self._build_queue.listen(self._heard))
                    stack.push_async_callback(_stop, listening)
                    self._opened = stack.pop_all()

    def _heard(self, said: dict[str, Any]) -> None:
        waiting = self._waiting.get(str(said.get("job")))
        if waiting is None:
            return
        if "total" in said and waiting.progress is not None:
            waiting.place = 0
            waiting.progress(int(said["done"]), int(said["total"]))
        if said.get("ended"):
            waiting.changed.set()

    async def _until_done(self, job: str, number: int) -> dict[str, Any]:
        waiting = self._waiting[job]
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(waiting.changed.wait(), _POLL_S)
            waiting.changed.clear()
            if self._leaving.is_set():
                raise WorkError.handed_over()
            try:
                place = await self._build_queue.place(number)
                found = await asyncio.to_thread(self._bucket.read, result_name(job))
            except Exception as error:  # the worker goes on while the database or the bucket is away
                if not _is_away(error):
                    raise
                continue
            waiting.place = place if place is not None else waiting.place
            if found is not None:
                if place:  # put back while the database was away
                    await self._build_queue.cancel(number)
                await asyncio.to_thread(self._clean, job)
                await self._has_left(number)
                return _result(json.loads(found.content))
            if place is None:  # cancelled by somebody else, or given up
                raise WorkError.broken(job)

    async def _has_left(self, number: int) -> None:
        """Wait until a job whose result is there is out of the queue, too: until then its library counts as busy."""
        with suppress(*DATABASE_ERRORS):
            for _ in range(_LOOKS):
                if await self._build_queue.place(number) is None:
                    return
                await asyncio.sleep(_LOOK_S)

    def _send(self, job: str, files: Sequence[str]) -> list[str]:
        """Upload the files of a job; returns their names in the bucket."""
        names = [f"jobs/{job}/files/{number}/{Path(file).name}" for number, file in enumerate(files)]
        for name, file in zip(names, files, strict=True):
            self._bucket.write(name, Path(file))
        return names

    def _clean(self, job: str) -> None:
        with suppress(StorageError):  # a worker deletes old ones
            self._bucket.delete([each.name for each in self._bucket.names(f"jobs/{job}")])


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def result_name(job: str) -> str:
    """Return the name of the object that holds the result of a job."""
    return f"jobs/{job}/result.json"


def _result(said: dict[str, Any]) -> dict[str, Any]:
    if "refused" in said:
        raise WorkError(said["refused"])
    result = said.get("result")
    if not isinstance(result, dict):
        raise WorkError.broken(secrets.token_hex(4))
    return result


def _is_away(error: Exception) -> bool:
    return isinstance(error, DATABASE_ERRORS) or (isinstance(error, StorageError) and error.passes)


def queued_jobs(settings: Settings, observe: Observe) -> QueuedJobs:
    """Return the jobs of the queue and the bucket that the settings name."""
    assert settings.database_address is not None
    assert settings.bucket is not None
    bucket = open_bucket(settings.bucket, settings.bucket_endpoint)
    return QueuedJobs(settings, BuildQueue(settings.database_address), bucket, observe)
