"""A worker of the queue of builds: runs the same commands as a bot alone, and takes up what dead workers left."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procrastinate import JobContext, RetryStrategy

from bot.errors import WorkError
from bot.libraries.disk import disk_errors_explained
from bot.libraries.jobs import AT_ONCE, JobRunner
from bot.libraries.paths import own_folder
from bot.libraries.queue import DATABASE_ERRORS, QUEUE, TASK, BuildQueue
from bot.libraries.queued_jobs import result_name
from bot.libraries.storage import storage_of
from bot.objects.bucket import Bucket, open_bucket
from index.errors import LibraryError, StorageError

if TYPE_CHECKING:
    from bot.settings import Settings

log = logging.getLogger(__name__)

HEARTBEAT_S, STALLED_S = 2.0, 10.0
"""A worker that is not heard of for STALLED_S has died: its job is taken up by another one."""
_MOST_TRIES = 5  # a build that ends its worker each time is given up
_KEPT = timedelta(days=1)  # files and results of jobs that nobody waited for
_ARGUMENTS = {"server", "arguments", "files"}
"""What a job says beside its id. A later version that adds one gives it a default: jobs of this version lack it."""
_PROGRESS_S = 1.0
_AGAIN_S = 1.0


class InterruptedBuild(Exception):
    """The worker ends before the build is done; the job goes back into the queue."""


class BuildWorker:
    """Takes jobs until it is told to end; AT_ONCE at a time."""

    def __init__(
        self,
        settings: Settings,
        queue: BuildQueue,
        bucket: Bucket,
        *,
        heartbeat_s: float = HEARTBEAT_S,
        stalled_s: float = STALLED_S,
    ) -> None:
        """Take where jobs come from, and where their files are."""
        self._settings = settings
        self._queue = queue
        self._bucket = bucket
        self._storage = storage_of(settings)
        self._runner = JobRunner(settings)
        self._heartbeat_s, self._stalled_s = heartbeat_s, stalled_s
        self._ended = asyncio.Event()
        self._told_at = 0.0
        self._building: dict[str, asyncio.Event] = {}
        retry = RetryStrategy(max_attempts=1000, retry_exceptions=[InterruptedBuild])
        queue.app.task(name=TASK, queue=QUEUE, pass_context=True, retry=retry)(self._take)

    async def run(self, ended: asyncio.Event) -> None:
        """Take jobs until `ended` is set; then put the running ones back. Waits while the database is away."""
        self._ended = ended
        ending = asyncio.create_task(ended.wait())
        while not ended.is_set():
            with suppress(WorkError, *DATABASE_ERRORS):
                async with self._queue.open():
                    log.info("waiting for builds")
                    await self._work(ending)
            if not ended.is_set():
                await asyncio.sleep(_AGAIN_S)

    async def _work(self, ending: asyncio.Task[bool]) -> None:
        working = asyncio.create_task(
            self._queue.app.run_worker_async(
                queues=[QUEUE],
                concurrency=AT_ONCE,
                install_signal_handlers=False,
                delete_jobs="always",
                update_heartbeat_interval=self._heartbeat_s,
                # Not told of jobs by a connection that listens: its end, as in a failover, would end the worker, which
                # then finishes its builds without a heartbeat, so that others take them up. Polls get a new connection.
                listen_notify=False,
                fetch_job_polling_interval=self._heartbeat_s,
                abort_job_polling_interval=self._heartbeat_s,
                stalled_worker_timeout=self._stalled_s,
            )
        )
        looking = asyncio.create_task(self._look_after_others())
        try:
            await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
            if ending.done():
                await self._runner.close()
                working.cancel()
            await asyncio.gather(working, return_exceptions=True)
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _look_after_others(self) -> None:
        with suppress(StorageError):
            await asyncio.to_thread(self._sweep)
        while True:
            await self._queue.take_up(self._stalled_s)
            await asyncio.sleep(self._heartbeat_s)

    async def _take(self, context: JobContext, /, *, job: str, **given: Any) -> None:
        """Run one job, unless it has a result: after an outage of the database a job may be taken twice, here too."""
        while (running := self._building.get(job)) is not None:
            await running.wait()
        if await self._patient(self._bucket.read, result_name(job)) is not None:
            return
        if not given.keys() <= _ARGUMENTS:
            said = {"refused": str(WorkError.of_later_version())}
            await self._patient(self._bucket.write, result_name(job), json.dumps(said).encode())
            return
        self._building[job] = asyncio.Event()
        try:
            await self._build(context, job=job, **given)
        finally:
            self._building.pop(job).set()

    async def _build(
        self, context: JobContext, *, job: str, server: int | None, arguments: Sequence[str], files: Sequence[str]
    ) -> None:
        """Run one job; its result, or the sentence of its refusal, goes into the bucket."""
        folder = self._settings.data if server is None else own_folder(self._settings.data, server)
        inbox = folder / "inbox" / job
        loop = asyncio.get_running_loop()
        began = loop.time()
        log.info("build %s begins", job)

        def progress(done: int, total: int) -> None:
            if done == total or loop.time() - self._told_at >= _PROGRESS_S:
                self._told_at = loop.time()
                self._telling = loop.create_task(self._queue.tell(job=job, done=done, total=total))

        try:
            if context.job.attempts >= _MOST_TRIES:
                raise WorkError.broken(job)
            await self._queue.tell(job=job, done=0, total=0)
            with disk_errors_explained():
                received = await self._patient(self._receive, inbox, files)
                await self._patient(self._storage.pull, self._settings.data)
                said: dict[str, Any] = {"result": await self._runner.run(folder, arguments, progress, files=received)}
        except (WorkError, LibraryError) as error:
            if self._ended.is_set():
                raise InterruptedBuild from None
            said = {"refused": str(error).replace(f"{inbox}/", "")}
        except Exception as error:  # procrastinate would log the names of the files
            log.error("error %s: a build broke: %s", job, type(error).__name__)
            said = {"refused": str(WorkError.broken(job))}
        finally:
            await asyncio.to_thread(shutil.rmtree, inbox, ignore_errors=True)
        await self._patient(self._bucket.write, result_name(job), json.dumps(said).encode())
        log.info("build %s %s after %.0f s", job, "is done" if "result" in said else "failed", loop.time() - began)
        await self._queue.tell(job=job, ended=True)

    def _receive(self, inbox: Path, files: Sequence[str]) -> list[str]:
        """Download the files of a job, each into a folder of its own."""
        received = []
        for number, name in enumerate(files):
            found = self._bucket.read(name)
            path = inbox / str(number) / Path(name).name
            path.parent.mkdir(parents=True, exist_ok=True)
            if found is None:
                raise WorkError.broken(inbox.name)
            path.write_bytes(found.content)
            received.append(str(path))
        return received

    async def _patient(self, step: Any, *given: Any) -> Any:
        """Do a step, again and again while the bucket is away."""
        while True:
            try:
                return await asyncio.to_thread(step, *given)
            except StorageError as error:
                if not error.passes or self._ended.is_set():
                    raise
            await asyncio.sleep(_AGAIN_S)

    def _sweep(self) -> None:
        """Delete files and results of jobs that are a day old."""
        latest = datetime.now(UTC) - _KEPT
        self._bucket.delete([each.name for each in self._bucket.names("jobs") if each.at < latest])


def build_worker(settings: Settings) -> BuildWorker:
    """Return a worker of the queue and the bucket that the settings name."""
    assert settings.database_address is not None
    assert settings.bucket is not None
    return BuildWorker(
        settings, BuildQueue(settings.database_address), open_bucket(settings.bucket, settings.bucket_endpoint)
    )
