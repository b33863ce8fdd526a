"""The lessons that a server can take: what its library bears out of the lessons that ship."""

from __future__ import annotations

import asyncio

from bot.learning.deck import Cards, Deck
from bot.quiz.lesson_plan import LessonPlan, read_lessons, teachable
from bot.store.cache import WriteThroughCache

_MOST_SERVERS = 200


class LessonPlans:
    """Returns the plans of each server; computed once for the cards that it was dealt."""

    def __init__(self, deck: Deck) -> None:
        self._deck = deck
        self._shipped: tuple[LessonPlan, ...] | None = None
        self._plans: WriteThroughCache[int | None, tuple[Cards, tuple[LessonPlan, ...]]] = WriteThroughCache(
            _MOST_SERVERS
        )

    async def of(self, guild: int | None) -> tuple[LessonPlan, ...]:
        """Return the plans that the cards last dealt to a server bear out, the one to begin with first."""
        cards = await self._deck.dealt(guild)
        known = self._plans.get(guild)
        if known is not None and known[0] is cards:
            return known[1]
        plans = await asyncio.to_thread(self._teachable, cards)
        self._plans.put(guild, (cards, plans))
        return plans

    def _teachable(self, cards: Cards) -> tuple[LessonPlan, ...]:
        if self._shipped is None:
            self._shipped = read_lessons().plans
        plans = (teachable(plan, cards.bank, cards.blotted_texts) for plan in self._shipped)
        return tuple(plan for plan in plans if plan.points)
