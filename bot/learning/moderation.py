"""Moderation of a server's items: complaints, items that work badly, and items that are no longer asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.errors import QuizError
from bot.learning.deck import Deck
from bot.quiz.items import Bank, Dispute, Item
from bot.quiz.records import FirstAnswer, ItemRecord, Judgement, item_records, judge
from bot.store import servers, sessions
from bot.store.database import Store


@dataclass(frozen=True, slots=True)
class BadItem:
    """An item that works badly, with its statistics."""

    item: Item
    record: ItemRecord
    judgement: Judgement


class Moderation:
    """Lists and retires a server's items. Callers have checked that the person manages the server."""

    def __init__(self, store: Store, deck: Deck, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._deck = deck
        self._now = now

    async def disputes(self, guild: int) -> tuple[list[Dispute], Bank]:
        """Return the complaints of a server about items that it still asks, and its bank."""
        cards = await self._deck.cards(guild)
        async with self._store.reading() as connection:
            return await servers.list_disputes(connection, guild), cards.bank

    async def retire(self, guild: int, item: str, person: int) -> None:
        """Stop asking an item in a server; raises QuizError when there is no such item."""
        if item not in (await self._deck.cards(guild)).bank.by_id:
            raise QuizError("unknown_item")
        async with self._store.writing(person=person, server=guild) as connection:
            await self._store.coordination.refuse_forgotten(connection, person)
            await servers.retire(connection, guild=guild, item=item, person=person, now=self._now())

    async def restore(self, guild: int, item: str) -> None:
        """Ask a retired item again; raises QuizError when it was not retired."""
        # Compared here first: the store cannot hold every text that people type.
        if item not in await self.retired(guild):
            raise QuizError("unknown_item")
        async with self._store.writing(server=guild) as connection:
            if not await servers.restore(connection, guild, item):
                raise QuizError("unknown_item")

    async def retired(self, guild: int) -> frozenset[str]:
        """Return the ids of a server's retired items."""
        async with self._store.reading() as connection:
            return await servers.retired_items(connection, guild)

    async def bad_items(self, guild: int) -> list[BadItem]:
        """Return a server's items that work badly by the answers of all servers, the most answered first."""
        cards = await self._deck.cards(guild)
        async with self._store.reading() as connection:
            answers = await sessions.first_answers(connection)
        return await asyncio.to_thread(_bad, answers, cards.bank)


def _bad(answers: list[FirstAnswer], bank: Bank) -> list[BadItem]:
    found = []
    for record in item_records(answers):
        item = bank.by_id.get(record.item)
        if item is not None and item.version == record.version and (judged := judge(record, item)).is_bad:
            found.append(BadItem(item, record, judged))
    return sorted(found, key=lambda bad: -bad.record.n)
