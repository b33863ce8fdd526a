"""The queue of builds in PostgreSQL (procrastinate): bots put jobs in, the workers of `tutor work` take them out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bot.errors import WorkError
from bot.store.postgresql.connecting import parameters

log = logging.getLogger(__name__)

QUEUE = TASK = "builds"
_SCHEMA = "builds"
"""The schema of procrastinate's tables: apart from those of the store, which other migrations change."""
_CHANNEL = "tutor_builds"
_AGAIN_S = 1.0
_CONNECT_S = 5
DATABASE_ERRORS = (ConnectorException, psycopg.Error, TimeoutError, OSError)

Heard = Callable[[dict[str, Any]], None]


class BuildQueue:
    """Jobs by number. Each has the lock of its library, so that one build of a library runs at a time."""

    def __init__(self, address: str) -> None:
        """Take the address of the database; `open` connects."""
        given = str(conninfo_to_dict(address).get("options") or "")
        options = {"options": f"{given} -c search_path={_SCHEMA}".strip()}
        self._address = make_conninfo(**parameters(address) | options)
        self.app = App(connector=PsycopgConnector(conninfo=self._address, min_size=1, max_size=4, timeout=10))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Connect, and create the tables of the queue at the first time; raises WorkError when that is impossible."""
        try:
            # A pool would wait for 30 seconds.
            async with await psycopg.AsyncConnection.connect(self._address, connect_timeout=_CONNECT_S):
                pass
            await self.app.open_async()
            try:
                await self._create_tables()
            except BaseException:
                await self.app.close_async()
                raise
        except DATABASE_ERRORS as error:
            log.error("the queue of builds cannot be reached: %s", type(error).__name__)
            raise WorkError.no_queue() from error
        try:
            yield
        finally:
            with suppress(*DATABASE_ERRORS):
                await self.app.close_async()

    async def put(self, lock: str, **arguments: Any) -> int:
        """Put a job in and return its number; raises WorkError when the library has one already."""
        try:
            if await self.of(lock) is not None:
                raise WorkError.busy()
            job = self.app.configure_task(TASK, queue=QUEUE, lock=lock, queueing_lock=lock, allow_unknown=True)
            return int(await job.defer_async(**arguments))
        except AlreadyEnqueued:
            raise WorkError.busy() from None
        except DATABASE_ERRORS as error:
            raise WorkError.no_queue() from error

    async def place(self, number: int) -> int | None:
        """Return the place of a job among those that wait, from 1, 0 while it runs, None when it is done."""
        jobs = {job.id: job.status for job in await self.app.job_manager.list_jobs_async(queue=QUEUE)}
        if number not in jobs:
            return None
        waiting = sorted(id for id, status in jobs.items() if status == "todo" and id is not None)
        return waiting.index(number) + 1 if number in waiting else 0

    async def of(self, lock: str) -> tuple[int, str] | None:
        """Return number and id of the job that a library has, queued or running; raises WorkError."""
        try:
            jobs = [*await self.app.job_manager.list_jobs_async(queue=QUEUE, lock=lock)]
        except DATABASE_ERRORS as error:
            raise WorkError.no_queue() from error
        return next(((job.id, str(job.task_kwargs["job"])) for job in jobs if job.id is not None), None)

    async def cancel(self, number: int) -> None:
        """Delete a job that waits, or have its worker stop it."""
        with suppress(*DATABASE_ERRORS):
            await self.app.job_manager.cancel_job_by_id_async(number, abort=True, delete_job=True)

    async def tell(self, **said: Any) -> None:
        """Tell all listeners something about a job; lost when the database is away."""
        with suppress(*DATABASE_ERRORS):
            query = "SELECT pg_notify(%(channel)s, %(said)s)"
            await self.app.connector.execute_query_async(query, channel=_CHANNEL, said=json.dumps(said))

    async def listen(self, heard: Heard) -> None:
        """Give what is told to `heard`, until cancelled; connects again when the database was away."""
        while True:
            with suppress(*DATABASE_ERRORS):
                async with await psycopg.AsyncConnection.connect(self._address, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {_CHANNEL}")
                    async for notice in connection.notifies():
                        with suppress(ValueError, TypeError, KeyError):  # of a later version
                            heard(dict(json.loads(notice.payload)))
            await asyncio.sleep(_AGAIN_S)

    async def take_up(self, stalled_s: float) -> None:
        """Put the jobs back whose worker has not been heard of for so many seconds."""
        with suppress(*DATABASE_ERRORS):
            for job in await self.app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=stalled_s):
                log.warning("a worker has left job %s; another one takes it up", job.id)
                await self.app.job_manager.retry_job(job)

    async def _create_tables(self) -> None:
        """Create schema and tables; another process may do so at the same time."""
        connector, tries = self.app.connector, 5
        while not (await connector.execute_query_one_async("SELECT to_regclass('procrastinate_jobs') AS made"))["made"]:
            try:
                await connector.execute_query_async(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
                await self.app.schema_manager.apply_schema_async()
            except ConnectorException:
                tries -= 1
                if not tries:
                    raise
                await asyncio.sleep(_AGAIN_S)
