"""Coordinates the processes on one PostgreSQL database by its tables, advisory locks and notices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import BigInteger, delete, exists, func, literal_column, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import ForgottenError
from bot.store.coordination import Heard, Topic
from bot.store.dialects import upsert
from bot.store.locks import Lock, deletion_key
from bot.store.postgresql.notices import CHANNEL, Notices
from bot.store.postgresql.tables import deletions, tombstones, unshown
from bot.store.postgresql.troubles import explained

_MICROSECONDS = 1_000_000
_KEPT_S = 3600
_LATE_S = 0.3
# The server's clock, so that clocks of processes do not matter: now, and when this transaction began.
_NOW = literal_column("(extract(epoch FROM clock_timestamp()) * 1000000)::bigint", BigInteger)
_BEGAN = literal_column("(extract(epoch FROM transaction_timestamp()) * 1000000)::bigint", BigInteger)


class ManyProcesses:
    """Any number of processes."""

    is_shared = True

    def __init__(self, engine: AsyncEngine, address: str) -> None:
        self._engine = engine
        self._notices = Notices(address, self._catch_up)

    def on(self, topic: Topic, heard: Heard) -> None:
        """Call `heard` for the notices of a topic."""
        self._notices.on(topic, heard)

    async def listen(self) -> None:
        """Begin to receive notices."""
        await self._notices.start()

    async def close(self) -> None:
        """Receive no more notices."""
        await self._notices.stop()

    async def announce(self, connection: AsyncConnection, topic: Topic, number: int) -> None:
        """Send a notice to every process when the transaction is committed."""
        await connection.execute(select(func.pg_notify(CHANNEL, f"{topic}:{number}")))

    async def mark_deletion(self, person: int) -> None:
        """Record that a person's deletion has begun."""
        async with self._transaction() as connection:
            await connection.execute(upsert(deletions).values(person=person, begun_at=_NOW).on_conflict_do_nothing())

    async def unmark_deletion(self, person: int) -> None:
        """Remove the mark of a completed deletion."""
        async with self._transaction() as connection:
            await connection.execute(delete(deletions).where(deletions.c.person == person))

    async def marked_deletions(self) -> list[int]:
        """Return the people whose deletion is not complete."""
        async with self._transaction() as connection:
            return [*(await connection.execute(select(deletions.c.person).order_by(deletions.c.begun_at))).scalars()]

    async def is_being_deleted(self, connection: AsyncConnection, person: int) -> bool:
        """Return whether a person's deletion is not complete."""
        return bool((await connection.execute(select(exists().where(deletions.c.person == person)))).scalar())

    async def record_deletion(self, connection: AsyncConnection, person: int) -> None:
        """Leave a tombstone for those who wait for this transaction, and tell every process."""
        key = deletion_key(person)
        row = upsert(tombstones).values(key=key, at=_NOW)
        await connection.execute(row.on_conflict_do_update(index_elements=["key"], set_={"at": _NOW}))
        await self.announce(connection, Topic.DELETED, key)

    async def refuse_forgotten(self, connection: AsyncConnection, person: int) -> None:
        """Raise ForgottenError when a person was deleted after this transaction began, or shortly before.

        What begins within `_LATE_S` after a deletion may have been on its way to the database when it was made.
        """
        late = tombstones.c.at >= _BEGAN - int(_LATE_S * _MICROSECONDS)
        dead = exists().where(tombstones.c.key == deletion_key(person), late)
        if (await connection.execute(select(dead))).scalar():
            raise ForgottenError

    async def note_closed(self, connection: AsyncConnection, round_id: int) -> None:
        """Record that a round is closed and not shown."""
        row = upsert(unshown).values(round=round_id, closed_at=_NOW)
        await connection.execute(row.on_conflict_do_nothing())

    async def note_shown(self, round_id: int) -> None:
        """Record that a closed round is shown."""
        async with self._transaction() as connection:
            await connection.execute(delete(unshown).where(unshown.c.round == round_id))

    async def unshown(self, *, older_s: float) -> list[int]:
        """Return the rounds that were closed so many seconds ago and are not shown."""
        before = _NOW - int(older_s * _MICROSECONDS)
        wanted = select(unshown.c.round).where(unshown.c.closed_at <= before).order_by(unshown.c.closed_at)
        async with self._transaction() as connection:
            return [*(await connection.execute(wanted)).scalars()]

    async def no_later(self, connection: AsyncConnection, now: datetime) -> datetime:
        """Return `now`, or the database's time where that is earlier."""
        time: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
        return min(now, time)

    @asynccontextmanager
    async def alone(self, work: str) -> AsyncIterator[bool]:
        """Return True to one process at a time: the lock goes with the connection, so also when the process dies."""
        async with self._transaction() as connection:
            await connection.exec_driver_sql("BEGIN")  # the lock goes with the end of the transaction
            taken = await connection.execute(select(func.pg_try_advisory_xact_lock(Lock("work", work).key)))
            yield bool(taken.scalar())

    async def sweep(self) -> None:
        """Delete tombstones older than an hour."""
        async with self._transaction() as connection:
            await connection.execute(delete(tombstones).where(tombstones.c.at < _NOW - _KEPT_S * _MICROSECONDS))

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.begin() as connection:
                yield connection
        except (DBAPIError, PoolTimeout) as error:
            if (known := explained(error)) is None:
                raise
            raise known from error

    async def _catch_up(self) -> None:
        """Tell of the deletions of the last hour, whose notices may have been missed."""
        async with self._transaction() as connection:
            keys = (await connection.execute(select(tombstones.c.key))).scalars().all()
        for key in keys:
            self._notices.tell(Topic.DELETED, key)
