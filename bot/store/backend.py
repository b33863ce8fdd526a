"""The port between the store and its database: what SQLite and PostgreSQL do in different ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

import sqlalchemy
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StoreError
from bot.store.coordination import Coordination
from bot.store.locks import Lock

ResultT = TypeVar("ResultT")


class Backend(Protocol):
    """One database. `open` and `close` may be called again and again; everything else is called after `open`."""

    @property
    def coordination(self) -> Coordination:
        """What several processes agree on."""

    async def open(self) -> None:
        """Migrate the database and prepare connections, once; raises StoreError."""

    async def close(self) -> None:
        """Close all connections."""

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Return a connection for reading."""

    def writing(self, locks: Sequence[Lock]) -> AbstractAsyncContextManager[AsyncConnection]:
        """Return a transaction: the only one with any of these locks, or without one the only one at all."""

    async def probe(self) -> None:
        """Check that the database can be written; raises StoreError."""

    def scan(self, read: Callable[[sqlalchemy.Connection], ResultT]) -> ResultT:
        """Call `read` with a connection on one snapshot; blocks."""

    def explained(self, error: DBAPIError | PoolTimeout) -> StoreError | None:
        """Return an error for people, or None when the statement was at fault."""

    async def is_traced(self, person: int) -> bool:
        """Return whether bytes that `compact` can remove have a person's id."""

    async def compact(self) -> None:
        """Remove what was deleted before this call from the database's files, as far as that can be promised."""
