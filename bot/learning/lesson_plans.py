"""The lessons that a server can take: approved ones and shipped ones, else one that is planned from its library."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from typing import Protocol

from bot.learning.deck import Cards, Deck
from bot.quiz.lesson_outline import with_items
from bot.quiz.lesson_plan import LessonPlan, read_lessons, read_plan, teachable
from bot.store import server_lessons as stored
from bot.store.cache import WriteThroughCache
from bot.store.coordination import Topic
from bot.store.database import Connection, Store
from bot.store.server_lessons import StoredLesson

log = logging.getLogger(__name__)

_MOST_SERVERS = 200


class OutlineSource(Protocol):
    """The part of the answering engine that plans lessons from a library."""

    async def lesson_outline(
        self, documents: Collection[str] | None = None, *, server: int | None = None
    ) -> LessonPlan:
        """Plan a lesson about these documents, or all, without items; see bot/quiz/lesson_outline.py."""


class LessonPlans:
    """Returns the plans of each server; computed once for the cards that it was dealt. Call `changed` when approved."""

    def __init__(self, store: Store, deck: Deck, source: OutlineSource) -> None:
        self._store = store
        self._deck = deck
        self._source = source
        self._shipped: tuple[LessonPlan, ...] | None = None
        self._plans: WriteThroughCache[int | None, tuple[Cards, tuple[LessonPlan, ...]]] = WriteThroughCache(
            _MOST_SERVERS
        )
        self._changes = 0
        store.coordination.on(Topic.LESSONS, self._heard)

    async def of(self, guild: int | None) -> tuple[LessonPlan, ...]:
        """Return the plans that the cards last dealt to a server bear out, the one to begin with first.

        Those that its maintainers approved, then those that ship; without any, one that is planned from the library.
        The first call may wait for the library to open: make it before a transaction.
        """
        cards = await self._deck.dealt(guild)
        known = self._plans.get(guild)
        if known is not None and known[0] is cards:
            return known[1]
        before = self._changes
        approved: Sequence[StoredLesson] = ()
        if guild is not None:
            async with self._store.reading() as connection:
                approved = await stored.approved(connection, guild)
        plans = await asyncio.to_thread(self._teachable, cards, approved)
        if not plans:
            outline = await self._source.lesson_outline(server=guild)
            planned = await asyncio.to_thread(complete, outline, cards)
            plans = (planned,) if planned.points else ()
        if self._changes == before:  # else a decision was committed meanwhile
            self._plans.put(guild, (cards, plans))
        return plans

    def changed(self, server: int) -> None:
        """Drop a server's plans from the cache, after a decision was committed."""
        self._changes += 1
        self._plans.drop(server)

    async def announce(self, connection: Connection, server: int) -> None:
        """Tell other processes of a decision, in its transaction."""
        await self._store.coordination.announce(connection, Topic.LESSONS, server)

    def _heard(self, server: int | None) -> None:
        if server is None:  # decisions of other processes may have been missed
            self._changes += 1
            self._plans.clear()
        else:
            self.changed(server)

    def _teachable(self, cards: Cards, approved: Sequence[StoredLesson]) -> tuple[LessonPlan, ...]:
        if self._shipped is None:
            self._shipped = read_lessons().plans
        own = [plan for each in approved if (plan := plan_of(each.approved)) is not None]
        shipped = (teachable(plan, cards.bank, cards.blotted_texts) for plan in self._shipped)
        plans = (*(complete(plan, cards) for plan in own), *shipped)
        return tuple(plan for plan in plans if plan.points)


def complete(plan: LessonPlan, cards: Cards) -> LessonPlan:
    """Keep of a planned lesson what the library has, with the items that are about it."""
    kept = teachable(plan, cards.bank, cards.blotted_texts)
    return with_items(kept, cards.by_paragraph, cards.texts, cards.blotted_texts)


def plan_of(row: object) -> LessonPlan | None:
    """Read a stored plan; None when there is none, or another version of the program wrote it."""
    if row is None:
        return None
    plan, faults = read_plan(row)
    if faults:  # a fault repeats the plan's text, so no reason
        log.warning("a stored lesson plan has %s faults", len(faults))
    return plan
