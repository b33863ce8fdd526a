"""Opens the store's file: brought up to date first, then one writer at a time and readers beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store.connections import COMPACTING, behave
from bot.store.migrate import FILE, migrate

Connection = AsyncConnection
"""What the store's questions and changes are asked of: one transaction of one caller."""

_LOCKED_S = 5


class Store:
    """The store of one bot; `open` it before use and `close` it after, or its threads keep the process alive."""

    def __init__(self, data: Path) -> None:
        """Take the folder that holds everything the program writes."""
        self._path = data / FILE
        self._engine: AsyncEngine | None = None
        self._opening = asyncio.Lock()
        self._writer = asyncio.Lock()

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
        """Give a connection to read with."""
        async with self._connected() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """Give the one connection that may write: nothing changes between what the block reads and what it writes.

        What was done is on the disk when the block has ended well, and none of it when not.
        """
        async with self._writer, self._connected() as connection, connection.begin():
            yield connection

    async def compact(self) -> None:
        """Write the file anew and empty its log: else what was deleted could be found in both for a while yet.

        Cells that moved between pages leave copies behind that even SQLite's secure deletion does not reach.
        """
        async with self._writer, self._connected() as connection:
            for statement in COMPACTING:
                await connection.exec_driver_sql(statement)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        await self.open()
        assert self._engine is not None
        async with self._engine.connect() as connection:
            yield connection


def _engine(path: Path) -> AsyncEngine:
    url = URL.create("sqlite+aiosqlite", database=str(path))
    # Every block above ends its transaction itself, so a connection that is given back needs no rollback.
    # What a statement was given stays out of its errors, for these are logged.
    engine = create_async_engine(
        url, connect_args={"timeout": _LOCKED_S}, pool_reset_on_return=None, hide_parameters=True
    )
    behave(engine.sync_engine)
    return engine
