"""The store in a PostgreSQL database: each transaction locks the rows of one person or server."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

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
from bot.store.postgresql.troubles import explained
from prompts import words

log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")

# Held exclusively by a transaction that is the only writer of all, and shared by all others.
_ALL = Lock("work", "everything").key
_ALONE = f"SELECT pg_advisory_xact_lock({_ALL})"
_WITH_OTHERS = f"SELECT pg_advisory_xact_lock_shared({_ALL})"
_MINE = ", pg_advisory_xact_lock(%s)"
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
        async with self.reading() as connection, connection.begin():
            await connection.exec_driver_sql(
                _ALONE if not locks else _WITH_OTHERS + _MINE * len(locks), tuple(lock.key for lock in locks)
            )
            began = time.perf_counter()
            yield connection
        self._observe(Wrote(time.perf_counter() - began))

    async def probe(self) -> None:
        """Begin a transaction that writes; no other writer is waited for."""
        try:
            async with self.reading() as connection, connection.begin():
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
