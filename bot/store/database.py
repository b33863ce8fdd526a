"""Opens the store's file: brought up to date first, then one writer at a time and readers beside it."""

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
"""What the store's questions and changes are asked of: one transaction of one caller."""

ThreadConnection = sqlalchemy.Connection
"""The same for code in a worker thread that only reads."""

ResultT = TypeVar("ResultT")

_LOCKED_S = 5
_TURN_S = 2
_CHECKPOINT_WAITS_MS = 50
_CHECKPOINT_AGAIN_S = 0.2


class Store:
    """The store of one bot; `open` it before use and `close` it after, or its threads keep the process alive.

    What the disk refuses is a StoreError wherever it shows, and is over when its cause is: nothing has to be opened
    again.
    """

    def __init__(self, data: Path, observe: Observe = unobserved) -> None:
        """Take the folder that holds everything the program writes, and who hears of writes and failures."""
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
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Return a connection to read with."""
        async with self._connected() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """Return the one connection that may write: nothing changes between what the block reads and what it writes.

        What was done is on the disk when the block has ended well, and none of it when not.
        """
        async with self._writer:
            began = time.perf_counter()
            async with self._connected() as connection, connection.begin():
                yield connection
            self._observe(Wrote(time.perf_counter() - began))

    async def probe(self) -> None:
        """Find out whether something can be written; raises StoreError. Nobody who listens hears of it."""
        try:
            async with asyncio.timeout(_TURN_S):
                await self._writer.acquire()  # a change of our own is no other program's lock
        except TimeoutError:
            raise StoreError.because(StoreTrouble.LOCKED, "changes wait for one another") from None
        try:
            await asyncio.to_thread(probe, self._path)
        finally:
            self._writer.release()

    async def scan(self, read: Callable[[ThreadConnection], ResultT]) -> ResultT:
        """Call `read` in a worker thread, with a connection that sees the store as it is at one moment.

        For long reads: nothing of them runs on the event loop. While one goes on, the log cannot be emptied.
        """
        with self._explained():
            await self.open()
            return await asyncio.to_thread(self._scanned, read)

    async def is_traced(self, person: int) -> bool:
        """Return whether the bytes of the store's files hold a person's id, in rows or in free space."""
        return await asyncio.to_thread(is_traced_in_use, self._path, person)

    async def compact(self) -> None:
        """Write the file anew and empty its log, so that nothing of what was deleted before this call is in either.

        Secure deletion alone does not reach the copies that cells leave behind when they move between pages. Calls
        that wait share one compaction; see `Compactions`.
        """
        await self._compactions.run()

    async def _compact(self) -> None:
        async with self._writer, self._connected() as connection:
            await connection.exec_driver_sql(VACUUM)
        while not await self._checkpointed():  # noqa: ASYNC110  # other programs read too: nobody tells when they end
            await asyncio.sleep(_CHECKPOINT_AGAIN_S)

    async def _checkpointed(self) -> bool:
        """Try to empty the log; False when somebody still reads from it. Writers wait only for as long as it takes."""
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
    # Every block above ends its transaction itself, so a connection that is given back needs no rollback.
    # What a statement was given stays out of its errors, for these are logged.
    engine = create_async_engine(
        url, connect_args={"timeout": _LOCKED_S}, pool_reset_on_return=None, hide_parameters=True
    )
    behave(engine.sync_engine)
    return engine
