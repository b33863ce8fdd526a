"""A person's progress and a server's leaderboard, computed from stored answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.learning.deck import Deck
from bot.quiz.mastery import Progress, Rank, progress
from bot.store import servers, sessions
from bot.store.database import Store

_MOST_RANKS = 10


class LearnerProgress:
    """Computes what one person knows now."""

    def __init__(self, store: Store, deck: Deck, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._deck = deck
        self._now = now

    async def progress(self, person: int, guild: int | None) -> tuple[Progress, Mapping[str, str]]:
        """Return a person's progress in the items of a server, and the titles of their axes."""
        bank = (await self._deck.cards(guild)).bank
        async with self._store.reading() as connection:
            answers = await sessions.history(connection, person)
            memories = await sessions.memories(connection, person)
        by_axis = {axis: [item.id for item in bank.items if item.axis == axis] for axis in bank.axes}
        by_axis = {axis: items for axis, items in by_axis.items() if items}
        found = await asyncio.to_thread(progress, answers, memories, by_axis, self._now())
        return found, {axis: bank.axes[axis] for axis in by_axis}


class Leaderboard:
    """Ranks the people of a server who chose to be ranked, by the last 30 days, so that newcomers can catch up."""

    days = 30

    def __init__(self, store: Store, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def ranks(self, guild: int) -> list[Rank]:
        """Return the first ten ranks, best first."""
        async with self._store.reading() as connection:
            return await servers.leaderboard(connection, guild, self._now() - timedelta(days=self.days), _MOST_RANKS)

    async def join(self, guild: int, person: int) -> None:
        """Show a person on the leaderboard."""
        async with self._store.writing(person=person) as connection:
            await self._store.coordination.refuse_forgotten(connection, person)
            await servers.join(connection, guild, person, self._now())

    async def leave(self, guild: int, person: int) -> None:
        """Show a person on the leaderboard no longer."""
        async with self._store.writing(person=person) as connection:
            await servers.leave(connection, guild, person)
