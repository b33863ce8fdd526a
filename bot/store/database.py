"""The store: transactions on SQLite or PostgreSQL, and what its failures mean for people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

import sqlalchemy
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StoreError
from bot.observability.events import Observe, StoreFailed, unobserved
from bot.store.backend import Backend
from bot.store.coordination import Coordination
from bot.store.locks import Lock
from bot.store.sqlite import SqliteBackend

Connection = AsyncConnection
"""One transaction of one caller."""

ThreadConnection = sqlalchemy.Connection
"""The same for code in a worker thread, read-only."""

ResultT = TypeVar("ResultT")


class Store:
    """The store of one bot; `open` it before use and `close` it after, or its threads keep the process alive.

    What the disk or the server refuses is a StoreError. Once its cause is gone the store works again; it need not be
    reopened.
    """

    def __init__(self, data: Path, observe: Observe = unobserved, *, database: str | None = None) -> None:
        """Use the data folder `data`, or the PostgreSQL database with the address `database`.

        `observe` receives writes and failures.
        """
        self._observe = observe
        self._backend = _backend(data, observe, database)

    @property
    def coordination(self) -> Coordination:
        """What several processes on one database agree on."""
        return self._backend.coordination

    async def open(self) -> None:
        """Migrate the database and connect to it, once; raises StoreError when it cannot be used."""
        await self._backend.open()

    async def close(self) -> None:
        """Close all connections."""
        await self._backend.close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Open a connection for reading."""
        with self._explained():
            async with self._backend.reading() as connection:
                yield connection

    @asynccontextmanager
    async def writing(
        self, *, person: int | None = None, server: int | None = None, round_id: int | None = None
    ) -> AsyncIterator[Connection]:
        """Open a transaction in which nothing changes between what the block reads and writes.

        Without an argument it is the only writer of all. With arguments it may run beside transactions for others,
        where the database allows that: the block then reads and changes only rows of this person, server or round, and
        names in them only this person. The changes are durable after the block, or none is made when it raised.
        """
        ids = {"person": person, "server": server, "round": round_id}  # always in this order, or two could deadlock
        locks = [Lock(kind, id) for kind, id in ids.items() if id is not None]
        with self._explained():
            async with self._backend.writing(locks) as connection:
                yield connection

    async def probe(self) -> None:
        """Check that the store can be written; raises StoreError. Not reported to `observe`."""
        await self._backend.probe()

    async def scan(self, read: Callable[[ThreadConnection], ResultT]) -> ResultT:
        """Call `read` in a worker thread with a connection on one snapshot; for long reads."""
        with self._explained():
            await self._backend.open()
            return await asyncio.to_thread(self._backend.scan, read)

    async def is_traced(self, person: int) -> bool:
        """Return whether bytes that `compact` removes have a person's id."""
        return await self._backend.is_traced(person)

    async def compact(self) -> None:
        """Remove from the store's files what was deleted before this call; see docs/store.md for PostgreSQL."""
        await self._backend.compact()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            self._observe(StoreFailed(error.trouble, error.reason))
            raise
        except (DBAPIError, PoolTimeout) as error:
            known = self._backend.explained(error)
            if known is None:
                raise
            self._observe(StoreFailed(known.trouble, known.reason))
            raise known from error


def _backend(data: Path, observe: Observe, database: str | None) -> Backend:
    if database is None:
        return SqliteBackend(data, observe)
    from bot.store.postgresql.backend import PostgresBackend  # only with its setting: the driver is an extra

    return PostgresBackend(database, data, observe)
