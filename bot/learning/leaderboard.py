"""The leaderboard of a server: only those are on it who chose to be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.quiz.community import Rank
from bot.store import servers
from bot.store.database import Store

_MOST = 10


class Leaderboard:
    """Ranks by what was learnt lately, so that newcomers can catch up."""

    days = 30

    def __init__(self, store: Store, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def ranks(self, guild: int) -> list[Rank]:
        """List the best, best first."""
        async with self._store.reading() as connection:
            return await servers.leaderboard(connection, guild, self._now() - timedelta(days=self.days), _MOST)

    async def join(self, guild: int, person: int) -> None:
        async with self._store.writing() as connection:
            await servers.join(connection, guild, person, self._now())

    async def leave(self, guild: int, person: int) -> None:
        async with self._store.writing() as connection:
            await servers.leave(connection, guild, person)
