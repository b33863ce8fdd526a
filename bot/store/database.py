"""Opens the store: migrates its file, then allows one writer at a time and any number of readers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

import sqlalchemy
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import StoreError, StoreTrouble
from bot.observability.events import Observe, StoreFailed, Wrote, unobserved
from bot.store.compaction import Compactions
from bot.store.connections import CHECKPOINT, VACUUM, behave
from bot.store.migrate import FILE, migrate
from bot.store.traces import is_traced_in_use
from bot.store.troubles import explained, probe

Connection = AsyncConnection
"""One transaction of one caller."""

ThreadConnection = sqlalchemy.Connection
"""The same for code in a worker thread, read-only."""

ResultT = TypeVar("ResultT")

_LOCKED_S = 5  # wait for another program's lock
_TURN_S = 2  # wait of a probe for our own writer
_CHECKPOINT_WAITS_MS = 50
_CHECKPOINT_AGAIN_S = 0.2


class Store:
    """The store of one bot; `open` it before use and `close` it after, or its threads keep the process alive.

    What the disk refuses is a StoreError. Once its cause is gone the store works again; it need not be reopened.
    """

    def __init__(self, data: Path, observe: Observe = unobserved) -> None:
        """Use the data folder `data`; `observe` receives writes and failures."""
        self._path = data / FILE
        self._observe = observe
        self._engine: AsyncEngine | None = None
        self._opening = asyncio.Lock()
        self._writer = asyncio.Lock()
        self._compactions = Compactions(self._compact)

    async def open(self) -> None:
        """Migrate the file and connect to it, once; raises StoreError when it cannot be used."""
        async with self._opening:
            if self._engine is None:
                await asyncio.to_thread(migrate, self._path)
                self._engine = _engine(self._path)

    async def close(self) -> None:
        """Close all connections."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Open a connection for reading."""
        async with self._connected() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """Open a transaction as the only writer: nothing changes between what the block reads and writes.

        The changes are on the disk after the block, or none of them when it raised.
        """
        async with self._writer:
            began = time.perf_counter()
            async with self._connected() as connection, connection.begin():
                yield connection
            self._observe(Wrote(time.perf_counter() - began))

    async def probe(self) -> None:
        """Check that the store can be written; raises StoreError. Not reported to `observe`."""
        try:
            async with asyncio.timeout(_TURN_S):
                await self._writer.acquire()  # our own writer is not another program's lock
        except TimeoutError:
            raise StoreError.because(StoreTrouble.LOCKED, "changes wait for one another") from None
        try:
            await asyncio.to_thread(probe, self._path)
        finally:
            self._writer.release()

    async def scan(self, read: Callable[[ThreadConnection], ResultT]) -> ResultT:
        """Call `read` in a worker thread with a connection on one snapshot; for long reads.

        While one runs, the write-ahead log cannot be emptied.
        """
        with self._explained():
            await self.open()
            return await asyncio.to_thread(self._scanned, read)

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
        async with self._writer, self._connected() as connection:
            await connection.exec_driver_sql(VACUUM)
        while not await self._checkpointed():  # noqa: ASYNC110  # readers of other programs do not report their end
            await asyncio.sleep(_CHECKPOINT_AGAIN_S)

    async def _checkpointed(self) -> bool:
        """Try to empty the log; return False when a reader still needs it."""
        async with self._writer, self._connected() as connection:
            await connection.exec_driver_sql(f"PRAGMA busy_timeout={_CHECKPOINT_WAITS_MS}")
            try:
                busy, *_ = (await connection.exec_driver_sql(CHECKPOINT)).one()
            finally:
                await connection.exec_driver_sql(f"PRAGMA busy_timeout={_LOCKED_S * 1000}")
        return not busy

    def _scanned(self, read: Callable[[ThreadConnection], ResultT]) -> ResultT:
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

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        with self._explained():
            await self.open()
            assert self._engine is not None
            async with self._engine.connect() as connection:
                yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            self._observe(StoreFailed(error.trouble, error.reason))
            raise
        except DBAPIError as error:
            known = explained(error, self._path)
            if known is None:
                raise
            self._observe(StoreFailed(known.trouble, known.reason))
            raise known from error


def _engine(path: Path) -> AsyncEngine:
    url = URL.create("sqlite+aiosqlite", database=str(path))
    # Every block above ends its transaction, so a returned connection needs no rollback. Errors are logged, so they
    # must not contain the parameters of statements.
    engine = create_async_engine(
        url, connect_args={"timeout": _LOCKED_S}, pool_reset_on_return=None, hide_parameters=True
    )
    behave(engine.sync_engine)
    return engine
