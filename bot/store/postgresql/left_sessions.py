"""Sessions of Discord's gateway between two processes: a process that ends leaves them, another one takes them up.

Until the successor of a process has started, another process of the bot runs its shards as a guest.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.runtime.handover import Session
from bot.runtime.shards import Layout
from bot.store.coordination import Topic
from bot.store.postgresql.notices import CHANNEL

log = logging.getLogger(__name__)

_AWAY = (DBAPIError, OSError, TimeoutError)
_ANSWER_S = 2.0
_KEPT_S = 120  # Discord keeps a session for some minutes
_GIVEN_BACK_S = 8.0  # how long a process waits for its shards; then the guest is dead or cut off
_READY_WITHIN_S = 120.0
_LOOK_S = 0.05

_NOBODY = -1
"""The guest of a session that only the shard's own process may take."""
_LEAVE = text(
    "INSERT INTO tutor_left_sessions (shard, shards, guest, left_at, said)"
    " VALUES (:shard, :shards, :guest, clock_timestamp(), :said)"
    " ON CONFLICT (shard) DO UPDATE SET shards = excluded.shards, guest = excluded.guest, left_at = excluded.left_at,"
    " said = excluded.said"
)
_IS_FREE = f"coalesce(guest, {_NOBODY}) = {_NOBODY}"
_IS_FRESH = f"shards = :shards AND left_at > clock_timestamp() - interval '{_KEPT_S} seconds'"
_TAKE = text(
    f"DELETE FROM tutor_left_sessions WHERE shard = :shard AND ({_IS_FREE} OR :anyway)"
    f" RETURNING said, {_IS_FREE} AND {_IS_FRESH}"
)
_GUEST = text("SELECT guest FROM tutor_left_sessions WHERE shard = :shard")
_HOST = text(f"UPDATE tutor_left_sessions SET guest = :ordinal WHERE guest IS NULL AND {_IS_FRESH} RETURNING said")
_SWEEP = text("DELETE FROM tutor_left_sessions WHERE guest IS NULL AND left_at < clock_timestamp() - interval '1 hour'")
_NOTIFY = text(f"SELECT pg_notify('{CHANNEL}', :said)")


class LeftSessions:
    """The sessions that processes of one layout have left. Without the database there are none."""

    def __init__(self, engine: AsyncEngine, layout: Layout) -> None:
        """Take an engine that commits each statement."""
        self._engine = engine
        self._layout = layout

    async def leave(self, sessions: Sequence[Session]) -> None:
        """Leave sessions to the process that takes them first, and tell all."""
        await self._run(_SWEEP, {})
        await self._write(sessions, None)
        await self._run(_NOTIFY, {"said": f"{Topic.LEFT}:{self._layout.ordinal}"})

    async def give_back(self, sessions: Sequence[Session]) -> None:
        """Leave sessions to the processes that have their shards."""
        await self._write(sessions, _NOBODY)

    async def host(self) -> list[Session]:
        """Take all sessions that were left, as a guest."""
        found = await self._run(_HOST, {"ordinal": self._layout.ordinal, "shards": self._layout.shards})
        return [session for (said,) in found if (session := Session.from_json(said)) is not None]

    async def take(self, shard: int, is_ready: Callable[[], bool]) -> Session | None:
        """Take the session of a shard of this process; None to begin a new one.

        A guest that runs the shard is asked for it once this process `is_ready` to answer, or after _READY_WITHIN_S.
        """
        wanted_from = time.monotonic() + _READY_WITHIN_S
        while True:
            is_over = time.monotonic() > wanted_from + _GIVEN_BACK_S
            asked = {"shard": shard, "shards": self._layout.shards, "anyway": is_over}
            for said, is_fresh in await self._run(_TAKE, asked):
                return Session.from_json(said) if is_fresh else None
            if not await self._run(_GUEST, {"shard": shard}):
                return None
            if is_ready():
                wanted_from = min(wanted_from, time.monotonic())
            if time.monotonic() >= wanted_from:
                await self._run(_NOTIFY, {"said": f"{Topic.WANTED}:{shard}"})
            await asyncio.sleep(_LOOK_S)

    async def _write(self, sessions: Sequence[Session], guest: int | None) -> None:
        if sessions:
            known = {"shards": self._layout.shards, "guest": guest}
            await self._run(_LEAVE, [{"shard": each.shard, "said": each.to_json(), **known} for each in sessions])

    async def _run(self, statement: Any, given: Any) -> list[Any]:
        try:
            async with asyncio.timeout(_ANSWER_S), self._engine.connect() as connection:
                done = await connection.execute(statement, given)
                return [*done.all()] if done.returns_rows else []
        except _AWAY as error:
            log.warning("sessions are not handed over (%s)", type(error).__name__)
            return []
