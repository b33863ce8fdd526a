"""The store in a PostgreSQL database: each transaction locks the rows of one person or server."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import NullPool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StoreError
from bot.observability.events import Observe, Wrote
from bot.store.coordination import Coordination
from bot.store.locks import Lock
from bot.store.migrate import FILE
from bot.store.postgresql.connecting import async_engine, engine
from bot.store.postgresql.coordination import ManyProcesses
from bot.store.postgresql.migrating import migrate
from bot.store.postgresql.troubles import explained, explained_driver
from prompts import words

log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")

# Held exclusively by a transaction that is the only writer of all, and shared by all others.
_ALL = Lock("work", "everything").key
_ALONE = f"BEGIN; SELECT pg_advisory_xact_lock({_ALL})"
_WITH_OTHERS = f"BEGIN; SELECT pg_advisory_xact_lock_shared({_ALL})"
_PROBE = "SELECT pg_current_xact_id()"  # refused where nothing can be written


class PostgresBackend:
    """A database that several processes may use at once."""

    def __init__(self, address: str, data: Path, observe: Observe) -> None:
        self._address = address
        self._file = data / FILE
        self._observe = observe
        self._engine = async_engine(address)
        self._many = ManyProcesses(self._engine, address)
        self._opening = asyncio.Lock()
        self._opened = False

    @property
    def coordination(self) -> Coordination:
        """What the processes agree on."""
        return self._many

    async def open(self) -> None:
        """Migrate the database, once."""
        if self._opened:
            return
        async with self._opening:
            if not self._opened:
                await asyncio.to_thread(migrate, self._address)
                if self._file.exists():
                    log.warning("%s", words("errors.database.file_left", path=self._file))
                self._opened = True

    async def close(self) -> None:
        """Close all connections."""
        await self._many.close()
        await self._engine.dispose()
        self._opened = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Return a connection."""
        await self.open()
        async with self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self, locks: Sequence[Lock]) -> AsyncIterator[AsyncConnection]:
        """Return a transaction that has its locks: its statements see what was committed before it got them."""
        await self.open()
        connection = await self._begun(locks)
        try:
            async with connection.begin():
                began = time.perf_counter()
                yield connection
        finally:
            await connection.close()
        self._observe(Wrote(time.perf_counter() - began))

    async def _begun(self, locks: Sequence[Lock]) -> AsyncConnection:
        """Begin a transaction and wait for its locks, in one round trip; raises StoreError.

        Nothing was done yet, so a connection that turns out to be dead is replaced once.
        """
        import psycopg

        statement = (
            _WITH_OTHERS + "".join(f", pg_advisory_xact_lock({lock.key})" for lock in locks) if locks else _ALONE
        )
        for is_last in (False, True):
            connection = await self._engine.connect()
            assert connection.sync_connection is not None
            driver: Any = connection.sync_connection.connection.driver_connection
            try:
                await driver.execute(statement, prepare=False)  # two statements cannot be prepared
                return connection
            except BaseException as error:
                is_dead = driver.closed
                await (connection.invalidate() if is_dead else driver.rollback())
                await connection.close()
                if not isinstance(error, psycopg.Error):
                    raise
                if is_last or not is_dead:
                    raise explained_driver(error) or error from error
        raise AssertionError

    async def probe(self) -> None:
        """Take a number for a transaction that writes; no other writer is waited for."""
        try:
            async with self.reading() as connection:
                await connection.exec_driver_sql(_PROBE)
        except (DBAPIError, PoolTimeout) as error:
            if (known := explained(error)) is not None:
                raise known from error
            raise

    def scan(self, read: Callable[[sqlalchemy.Connection], ResultT]) -> ResultT:
        """Call `read` on one snapshot, read-only, on a connection of its own."""
        made = engine(self._address, poolclass=NullPool)
        try:
            with made.connect() as connection:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                return read(connection)
        finally:
            made.dispose()

    def explained(self, error: DBAPIError | PoolTimeout) -> StoreError | None:
        """Return an error for people, or None when the statement was at fault."""
        return explained(error)

    async def is_traced(self, person: int) -> bool:
        """Return False: what is left in the server's files is not ours to remove; see docs/store.md."""
        return False

    async def compact(self) -> None:
        """Do nothing: the server's vacuum removes deleted rows; see docs/store.md."""
