"""The async door to drafted items: looked at one by one, and asked only once somebody has approved them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import DraftError
from bot.learning.approved import ApprovedItems
from bot.learning.deck import Cards, Deck, quotes_of
from bot.quiz.entries import read_entry
from bot.quiz.items import Item
from bot.quiz.review import State, editable, edited, faults, holds
from bot.quiz.schema import Unusable
from bot.store import drafts as stored
from bot.store.database import Store
from bot.store.drafts import Stored
from index.answering.answer import Quote

log = logging.getLogger(__name__)


class Note(StrEnum):
    """What came of a press: the first three are what was wanted."""

    APPROVED = "approved"
    REJECTED = "rejected"
    EDITED = "edited"
    FAULTY = "faulty"
    CHANGED = "changed"
    DECIDED = "decided"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Review:
    """A draft that waits for a decision; it cannot be approved while it has faults. `left` counts it in."""

    item: Item
    title: str
    quotes: tuple[Quote, ...]
    faults: tuple[str, ...]
    left: int


@dataclass(frozen=True, slots=True)
class Overview:
    """How many drafts there are by what was decided: shown when there is none to look at."""

    counts: Mapping[State, int]


@dataclass(frozen=True, slots=True)
class Turn:
    """What to show next, and what came of the press before; `by` is who had decided already.

    `dropped` counts drafts that were forgotten, for the library no longer has their words.
    """

    screen: Review | Overview
    note: Note | None = None
    by: int | None = None
    dropped: int = 0


class Drafts:
    """Whoever calls this has been found to look after the server."""

    def __init__(self, store: Store, deck: Deck, approved: ApprovedItems, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._deck = deck
        self._approved = approved
        self._now = now

    async def next(self, server: int, after: str | None = None) -> Turn:
        """Show the first draft that waits, or the first behind another one; an overview when there is none."""
        return await self._next(server, after)

    async def approve(self, server: int, item: str, version: str, person: int) -> Turn:
        """Have a draft asked, if it is still as it was shown and nothing is wrong with it."""
        return await self._decide(server, item, version, person, State.APPROVED)

    async def reject(self, server: int, item: str, version: str, person: int) -> Turn:
        """Have a draft never shown again, if it is still as it was shown."""
        return await self._decide(server, item, version, person, State.REJECTED)

    async def fields(self, server: int, item: str, version: str) -> dict[str, str] | None:
        """Return what can be edited of a draft; None when it is not as it was shown any more."""
        async with self._store.reading() as connection:
            found = await stored.find(connection, server, item)
        return editable(found.row) if found is not None and _blocked(found, version) is None else None

    async def look(self, server: int, item: str, version: str) -> Turn:
        """Show a draft as it is now, or the next one when it was decided about."""
        cards = await self._deck.cards(server)
        async with self._store.reading() as connection:
            found = await stored.find(connection, server, item)
        return await self._stay(server, item, found, _blocked(found, version), cards)

    async def edit(self, server: int, item: str, version: str, written: Mapping[str, str]) -> Turn:
        """Write a draft anew, if it is still as it was shown; raises DraftError when that is no item."""
        cards = await self._deck.cards(server)
        async with self._store.writing() as connection:
            found = await stored.find(connection, server, item)
            blocked = _blocked(found, version)
            if found is not None and blocked is None:
                try:
                    row = edited(found.row, written)
                    read_entry(row, axis=found.axis)
                except Unusable as error:
                    raise DraftError(str(error)) from error
                await stored.rewrite(connection, server, item, row)
                found = await stored.find(connection, server, item)
        return await self._stay(server, item, found, blocked or Note.EDITED, cards)

    async def _decide(self, server: int, item: str, version: str, person: int, state: State) -> Turn:
        cards = await self._deck.cards(server)
        async with self._store.reading() as connection:
            found = await stored.find(connection, server, item)
        blocked = _blocked(found, version)
        if found is not None and blocked is None and state is State.APPROVED and await _wrong(found, cards):
            blocked = Note.FAULTY
        if blocked is None:
            async with self._store.writing() as connection:
                found = await stored.find(connection, server, item)
                blocked = _blocked(found, version)  # somebody else may have been quicker
                if blocked is None:
                    await stored.decide(connection, server, item, state, person, self._now())
        if blocked is None:
            self._approved.changed(server)
            return await self._next(server, item, Note(state.value))
        return await self._stay(server, item, found, blocked, cards)

    async def _stay(self, server: int, item: str, found: Stored | None, note: Note | None, cards: Cards) -> Turn:
        """Show a draft again, unless it was decided about or is gone."""
        if found is None or note in (Note.GONE, Note.DECIDED):
            return await self._next(server, item, note, by=found.person if found is not None else None)
        return Turn(await self._review(server, found, cards), note)

    async def _next(self, server: int, after: str | None, note: Note | None = None, by: int | None = None) -> Turn:
        cards = await self._deck.cards(server)
        async with self._store.reading() as connection:
            last = await stored.find(connection, server, after) if after is not None else None
            waiting = await stored.in_state(connection, server, State.PENDING)
        behind = [draft for draft in waiting if last is None or draft.number > last.number]
        held = await asyncio.to_thread(_first_that_holds, behind, cards)
        gone = [draft.item for draft in (behind if held is None else behind[: behind.index(held)])]
        if gone:
            async with self._store.writing() as connection:
                await stored.drop(connection, server, gone)
        if held is not None:
            return Turn(await self._review(server, held, cards), note, by, len(gone))
        async with self._store.reading() as connection:
            return Turn(Overview(await stored.counts(connection, server)), note, by, len(gone))

    async def _review(self, server: int, draft: Stored, cards: Cards) -> Review:
        item = _item(draft)
        async with self._store.reading() as connection:
            counts = await stored.counts(connection, server)
        quotes = quotes_of(item, cards.blotted_texts, cards.texts)
        return Review(item, draft.title, quotes, await _wrong(draft, cards), counts[State.PENDING])


def _item(draft: Stored) -> Item:
    return read_entry(draft.row, axis=draft.axis)


def _blocked(draft: Stored | None, version: str) -> Note | None:
    """Say why nothing can be done to a draft that somebody saw in this version."""
    if draft is None:
        return Note.GONE
    if draft.state is not State.PENDING:
        return Note.DECIDED
    try:
        return None if _item(draft).version == version else Note.CHANGED
    except Unusable:  # written by a program whose form of the bank was another one
        return Note.GONE


async def _wrong(draft: Stored, cards: Cards) -> tuple[str, ...]:
    return await asyncio.to_thread(lambda: faults(_item(draft), cards.bank, cards.blotted_texts))


def _first_that_holds(drafts: Sequence[Stored], cards: Cards) -> Stored | None:
    for draft in drafts:
        try:
            if holds(_item(draft), cards.blotted_texts):
                return draft
        except Unusable:  # its reasons repeat what the draft says
            log.warning("the draft %s does not have the bank's form any more", draft.item)
    return None
