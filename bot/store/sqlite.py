"""The store in one SQLite file: one writer at a time, any number of readers, one process."""

from __future__ import annotations

import asyncio
import builtins
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import sqlalchemy
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import StoreError, StoreTrouble
from bot.observability.events import Observe, Wrote
from bot.runtime.instance_lock import has_run
from bot.store.compaction import Compactions
from bot.store.connections import CHECKPOINT, VACUUM, behave
from bot.store.coordination import Coordination, SingleProcess
from bot.store.locks import Lock
from bot.store.migrate import FILE, migrate
from bot.store.traces import is_traced_in_use
from bot.store.troubles import explained, probe
from prompts import words

log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")

_LOCKED_S = 5  # wait for another program's lock
_TURN_S = 2  # wait of a probe for our own writer
_CHECKPOINT_WAITS_MS = 50
_CHECKPOINT_AGAIN_S = 0.2


class SqliteBackend:
    """The file `store.sqlite3` of a data folder."""

    def __init__(self, data: Path, observe: Observe) -> None:
        self.coordination: Coordination = SingleProcess(data)
        self._path = data / FILE
        self._observe = observe
        self._engine: AsyncEngine | None = None
        self._opening = asyncio.Lock()
        self._writer = asyncio.Lock()
        self._compactions = Compactions(self._compact)

    async def open(self) -> None:
        """Migrate the file and connect to it, once."""
        async with self._opening:
            if self._engine is None:
                if not self._path.exists() and has_run(self._path.parent):
                    log.warning("%s", words("errors.store_gone", path=self._path))
                await asyncio.to_thread(migrate, self._path)
                self._engine = _engine(self._path)

    async def close(self) -> None:
        """Close all connections."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Return a connection."""
        await self.open()
        assert self._engine is not None
        async with self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self, locks: Sequence[Lock]) -> AsyncIterator[AsyncConnection]:
        """Return a transaction as the only writer, whatever it locks."""
        async with self._writer:
            began = time.perf_counter()
            async with self.reading() as connection, connection.begin():
                yield connection
            self._observe(Wrote(time.perf_counter() - began))

    async def probe(self) -> None:
        """Commit a write without a change."""
        try:
            async with asyncio.timeout(_TURN_S):
                await self._writer.acquire()  # our own writer is not another program's lock
        except builtins.TimeoutError:
            raise StoreError.because(StoreTrouble.LOCKED, "changes wait for one another") from None
        try:
            await asyncio.to_thread(probe, self._path)
        finally:
            self._writer.release()

    def scan(self, read: Callable[[sqlalchemy.Connection], ResultT]) -> ResultT:
        """Call `read` on one snapshot. While one runs, the write-ahead log cannot be emptied."""
        engine = sqlalchemy.create_engine(
            URL.create("sqlite", database=str(self._path)), connect_args={"timeout": _LOCKED_S}, hide_parameters=True
        )
        behave(engine)
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")  # one snapshot for all that is read
                return read(connection)
        finally:
            engine.dispose()

    def explained(self, error: DBAPIError | PoolTimeout) -> StoreError | None:
        """Return an error for people, or None when the statement was at fault."""
        return explained(error, self._path) if isinstance(error, DBAPIError) else None

    async def is_traced(self, person: int) -> bool:
        """Return whether the store's files have the bytes of a person's id, in rows or in free space."""
        return await asyncio.to_thread(is_traced_in_use, self._path, person)

    async def compact(self) -> None:
        """Rewrite the file and empty its log, so that nothing deleted before this call is in either.

        SQLite's secure deletion alone leaves copies of cells that moved between pages. Waiting calls share one
        compaction; see `Compactions`.
        """
        await self._compactions.run()

    async def _compact(self) -> None:
        async with self._writer, self.reading() as connection:
            await connection.exec_driver_sql(VACUUM)
        while not await self._checkpointed():  # noqa: ASYNC110  # readers of other programs do not report their end
            await asyncio.sleep(_CHECKPOINT_AGAIN_S)

    async def _checkpointed(self) -> bool:
        """Try to empty the log; return False when a reader still needs it."""
        async with self._writer, self.reading() as connection:
            await connection.exec_driver_sql(f"PRAGMA busy_timeout={_CHECKPOINT_WAITS_MS}")
            try:
                busy, *_ = (await connection.exec_driver_sql(CHECKPOINT)).one()
            finally:
                await connection.exec_driver_sql(f"PRAGMA busy_timeout={_LOCKED_S * 1000}")
        return not busy


def _engine(path: Path) -> AsyncEngine:
    url = URL.create("sqlite+aiosqlite", database=str(path))
    # Every block above ends its transaction, so a returned connection needs no rollback. Errors are logged, so they
    # must not contain the parameters of statements.
    engine = create_async_engine(
        url, connect_args={"timeout": _LOCKED_S}, pool_reset_on_return=None, hide_parameters=True
    )
    behave(engine.sync_engine)
    return engine
