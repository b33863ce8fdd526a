"""What one person knows by now, gathered from the store and the deck."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.learning.deck import Deck
from bot.quiz.mastery import Progress, progress
from bot.store import records, sessions
from bot.store.database import Store


class LearnerProgress:
    """Tells people how far they are."""

    def __init__(self, store: Store, deck: Deck, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._deck = deck
        self._now = now

    async def progress(self, person: int, guild: int | None) -> tuple[Progress, Mapping[str, str]]:
        """Give a person's progress in what a server asks, and the titles of the axes."""
        bank = (await self._deck.cards(guild)).bank
        async with self._store.reading() as connection:
            answers = await records.history(connection, person)
            memories = await sessions.memories(connection, person)
        by_axis = {axis: [item.id for item in bank.items if item.axis == axis] for axis in bank.axes}
        by_axis = {axis: items for axis, items in by_axis.items() if items}
        found = await asyncio.to_thread(progress, answers, memories, by_axis, self._now())
        return found, {axis: bank.axes[axis] for axis in by_axis}
