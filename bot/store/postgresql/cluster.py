"""What the processes of one bot agree on in PostgreSQL: who runs which shards, and whose turn it is to IDENTIFY."""

from __future__ import annotations

import asyncio
import logging
import random
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import NullPool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import ClusterError, StoreError, StoreTrouble
from bot.runtime.shards import Layout
from bot.store.postgresql.connecting import async_engine, engine
from bot.store.postgresql.left_sessions import LeftSessions
from bot.store.postgresql.troubles import last_line
from prompts import words

log = logging.getLogger(__name__)

# Discord counts five seconds between two IDENTIFYs of a bucket; the rest is for delays between claim and packet.
BETWEEN_S = 5.25
_LOOK_S = 5.0  # between two looks at the kept connection
_JOIN_S = 2.0  # how long a new process waits for an ordinal: a killed one's lock goes with its connection
_TAKEN_S = 60.0  # after a lost connection, how long its own lock may look like another process's
_WITHOUT_S = 60.0  # how long an IDENTIFY waits for a database that is away
_ANSWER_S = 5.0
# The server drops the connection, and with it the ordinal, of a machine that is gone for 25 s.
_KEEPALIVE = ("SET tcp_keepalives_idle = 10", "SET tcp_keepalives_interval = 5", "SET tcp_keepalives_count = 3")

# Advisory locks with two keys: the class, and the ordinal or the layout.
_ORDINALS, _LAYOUTS = (zlib.crc32(name) >> 1 for name in (b"tutor.ordinal", b"tutor.layout"))
_LOCK = text("SELECT pg_try_advisory_lock(:class, :key)")
_SHARE = text("SELECT pg_advisory_lock_shared(:class, :key)")
_HELD = text(
    "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = :class"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
# A time in the future is of a server whose clock was ahead.
_CLAIM = text(
    "INSERT INTO tutor_identify_slots AS slot VALUES (:bucket, clock_timestamp())"
    " ON CONFLICT (bucket) DO UPDATE SET taken_at = clock_timestamp()"
    " WHERE slot.taken_at <= clock_timestamp() - make_interval(secs => :between)"
    " OR slot.taken_at > clock_timestamp() RETURNING bucket"
)
_LEFT = text(
    "SELECT extract(epoch FROM taken_at - clock_timestamp())::float8 + :between FROM tutor_identify_slots"
    " WHERE bucket = :bucket"
)
_AWAY = (DBAPIError, OSError, TimeoutError)


class Cluster:
    """This process among those of the bot. It holds its ordinal from `join` to `leave`, or until it is killed."""

    def __init__(self, address: str, layout: Layout, *, between_s: float = BETWEEN_S) -> None:
        """Take a database that the store has opened, and the seconds between two IDENTIFYs of a bucket."""
        self._engine = async_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self.sessions = LeftSessions(self._engine, layout)
        self._layout = layout
        self._between_s = between_s
        self._kept: AsyncConnection | None = None
        self._watching: asyncio.Task[None] | None = None

    async def join(self, lost: Callable[[ClusterError], object]) -> None:
        """Take this process's ordinal; raises ClusterError when another process has it or runs another layout.

        Raises StoreError when the database is away.
        `lost` is called when the ordinal went to another process while the database was away.
        """
        until = time.monotonic() + _JOIN_S
        while True:
            try:
                self._kept = await self._joined()
                break
            except ClusterError:
                if time.monotonic() > until:
                    raise
            except _AWAY as error:
                raise StoreError.because(
                    StoreTrouble.FAILING, last_line(error.orig or error if isinstance(error, DBAPIError) else error)
                ) from error
            await asyncio.sleep(0.2)
        self._watching = asyncio.create_task(self._watch(lost))

    async def leave(self) -> None:
        """Give the ordinal up."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self._drop()
        await self._engine.dispose()

    async def identify_slot(self, shard: int, max_concurrency: int) -> None:
        """Return when this shard may IDENTIFY, and count it as done now.

        Shards with the same remainder by `max_concurrency` share a bucket. When the database is away for _WITHOUT_S
        it is not waited for: a session too early costs one more attempt, no session costs every answer.
        """
        bucket, until = shard % max_concurrency, time.monotonic() + _WITHOUT_S
        while True:
            try:
                wait_s = await self._claimed(bucket)
            except _AWAY as error:
                if time.monotonic() > until:
                    log.warning(
                        "shard %d begins a session without the database (%s)",
                        shard,
                        last_line(error.orig or error if isinstance(error, DBAPIError) else error),
                    )
                    return
                wait_s = 1.0
            if wait_s <= 0:
                return
            await asyncio.sleep(wait_s + random.uniform(0, 0.05))

    async def _claimed(self, bucket: int) -> float:
        """Claim a bucket; return 0, or the seconds until it may be tried again."""
        asked: dict[str, Any] = {"bucket": bucket, "between": self._between_s}
        async with asyncio.timeout(_ANSWER_S), self._engine.connect() as connection:
            if (await connection.execute(_CLAIM, asked)).scalar() is not None:
                return 0.0
            left = (await connection.execute(_LEFT, asked)).scalar()
            return min(max(left or 0.0, 0.01), self._between_s)

    async def _joined(self) -> AsyncConnection:
        """Return a connection that holds the ordinal; raises ClusterError."""
        layout = self._layout
        async with asyncio.timeout(2 * _ANSWER_S), _kept_if_well(self._engine) as connection:
            for statement in _KEEPALIVE:
                await connection.exec_driver_sql(statement)
            if not (await connection.execute(_LOCK, {"class": _ORDINALS, "key": layout.ordinal})).scalar():
                raise ClusterError(words("errors.cluster.taken", ordinal=layout.ordinal))
            # Shared by those of one layout, so that the locks of others tell theirs.
            mine = layout.shards << 15 | layout.processes
            await connection.execute(_SHARE, {"class": _LAYOUTS, "key": mine})
            held = {int(each) for each in (await connection.execute(_HELD, {"class": _LAYOUTS})).scalars()}
            for other in held - {mine}:
                raise ClusterError.other_layout(layout.numbers, _numbers(other))
            return connection

    async def _watch(self, lost: Callable[[ClusterError], object]) -> None:
        """Take the ordinal again when the connection was lost."""
        taken_since: float | None = None
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                if self._kept is None:
                    self._kept = await self._joined()
                    log.info("the database is back: process %d is registered again", self._layout.ordinal)
                else:
                    async with asyncio.timeout(_ANSWER_S):
                        await self._kept.exec_driver_sql("SELECT 1")
                taken_since = None
            except ClusterError as error:
                taken_since = taken_since or time.monotonic()
                if time.monotonic() - taken_since > _TAKEN_S:
                    lost(error)
                    return
            except _AWAY as error:
                if self._kept is not None:
                    log.warning(
                        "the database is away (%s)",
                        last_line(error.orig or error if isinstance(error, DBAPIError) else error),
                    )
                await self._drop()

    async def _drop(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            await _discard(kept)


def running(address: str) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """Return the ordinals that processes hold now, and their counts of shards and processes; changes nothing.

    Raises StoreError when the database cannot be asked.
    """
    made = engine(address, poolclass=NullPool)
    try:
        with made.connect() as connection:
            ordinals, layouts = (
                frozenset(map(int, connection.execute(_HELD, {"class": each}).scalars()))
                for each in (_ORDINALS, _LAYOUTS)
            )
    except DBAPIError as error:
        raise StoreError.because(StoreTrouble.FAILING, last_line(error.orig or error)) from error
    finally:
        made.dispose()
    return ordinals, frozenset(map(_numbers, layouts))


def _numbers(key: int) -> tuple[int, int]:
    return key >> 15, key & 0x7FFF


@asynccontextmanager
async def _kept_if_well(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a connection that stays open unless the block fails."""
    connection = await engine.connect()
    try:
        yield connection
    except BaseException:
        await _discard(connection)
        raise


async def _discard(connection: AsyncConnection) -> None:
    try:
        async with asyncio.timeout(_ANSWER_S):
            await connection.close()
    except _AWAY as error:
        log.debug("a lost connection could not be closed", exc_info=error)
        await connection.invalidate()
