"""What those who look after a server's questions see and decide: complaints, records, what is not asked any more."""

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
    """An item that does not work well, by its record."""

    item: Item
    record: ItemRecord
    judgement: Judgement


class Moderation:
    """Whoever calls this has been found to manage the server."""

    def __init__(self, store: Store, deck: Deck, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._deck = deck
        self._now = now

    async def disputes(self, guild: int) -> tuple[list[Dispute], Bank]:
        """List the complaints made in this server about items it still asks, with the bank they speak of."""
        cards = await self._deck.cards(guild)
        async with self._store.reading() as connection:
            return await servers.list_disputes(connection, guild), cards.bank

    async def retire(self, guild: int, item: str, person: int) -> None:
        """Take an item out for this server; raises QuizError when there is none of that name."""
        if item not in (await self._deck.cards(guild)).bank.by_id:
            raise QuizError("unknown_item")
        async with self._store.writing() as connection:
            await servers.retire(connection, guild=guild, item=item, person=person, now=self._now())

    async def restore(self, guild: int, item: str) -> None:
        """Ask an item again; raises QuizError when it was not out."""
        # Compared here first: what people type may be no text that the store can hold.
        if item not in await self.retired(guild):
            raise QuizError("unknown_item")
        async with self._store.writing() as connection:
            if not await servers.restore(connection, guild, item):
                raise QuizError("unknown_item")

    async def retired(self, guild: int) -> frozenset[str]:
        async with self._store.reading() as connection:
            return await servers.retired_items(connection, guild)

    async def bad_items(self, guild: int) -> list[BadItem]:
        """List a server's items that do not work well by the answers of all servers, those most answered first."""
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
