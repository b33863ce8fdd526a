"""The review of drafted items: maintainers look at them one by one and approve, reject or edit them."""

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
    """The result of a press; the first three are what was wanted."""

    APPROVED = "approved"
    REJECTED = "rejected"
    EDITED = "edited"
    FAULTY = "faulty"
    CHANGED = "changed"
    DECIDED = "decided"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Review:
    """A pending draft; it cannot be approved while it has faults. `left` counts the pending drafts, this one too."""

    item: Item
    title: str
    quotes: tuple[Quote, ...]
    faults: tuple[str, ...]
    left: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The counts of a server's drafts by decision, shown when none is pending."""

    counts: Mapping[State, int]


@dataclass(frozen=True, slots=True)
class Turn:
    """What to show next, and the result of the press before; `by` is the person who decided earlier.

    `dropped` counts drafts that were deleted because the library no longer has their words.
    """

    screen: Review | Overview
    note: Note | None = None
    by: int | None = None
    dropped: int = 0


class Drafts:
    """The review of a server's drafts. Callers have checked that the person maintains the server's library."""

    def __init__(self, store: Store, deck: Deck, approved: ApprovedItems, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._deck = deck
        self._approved = approved
        self._now = now

    async def next(
        self, server: int, after: str | None = None, note: Note | None = None, by: int | None = None
    ) -> Turn:
        """Show the first pending draft, or the first after another one; an overview when there is none."""
        cards = await self._deck.cards(server)
        async with self._store.reading() as connection:
            last = await stored.find(connection, server, after) if after is not None else None
            waiting = await stored.in_state(connection, server, State.PENDING)
        behind = [draft for draft in waiting if last is None or draft.number > last.number]
        held = await asyncio.to_thread(_first_that_holds, behind, cards)
        gone = [draft.item for draft in (behind if held is None else behind[: behind.index(held)])]
        if gone:
            async with self._store.writing(server=server) as connection:
                await stored.drop(connection, server, gone)
        if held is not None:
            return Turn(await self._review(server, held, cards), note, by, len(gone))
        async with self._store.reading() as connection:
            return Turn(Overview(await stored.counts(connection, server)), note, by, len(gone))

    async def approve(self, server: int, item: str, version: str, person: int) -> Turn:
        """Approve a draft, if it is still as it was shown and has no fault."""
        return await self._decide(server, item, version, person, State.APPROVED)

    async def reject(self, server: int, item: str, version: str, person: int) -> Turn:
        """Reject a draft for good, if it is still as it was shown."""
        return await self._decide(server, item, version, person, State.REJECTED)

    async def fields(self, server: int, item: str, version: str) -> dict[str, str] | None:
        """Return the editable fields of a draft; None when it is no longer as it was shown."""
        found = await self._find(server, item)
        return editable(found.row) if found is not None and _blocked(found, version) is None else None

    async def look(self, server: int, item: str, version: str) -> Turn:
        """Show a draft as it is now, or the next one when it was decided."""
        found = await self._find(server, item)
        return await self._stay(server, item, found, _blocked(found, version))

    async def edit(self, server: int, item: str, version: str, written: Mapping[str, str]) -> Turn:
        """Change a draft, if it is still as it was shown; raises DraftError when the result is no item."""
        await self._deck.cards(server)
        async with self._store.writing(server=server) as connection:
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
        return await self._stay(server, item, found, blocked or Note.EDITED)

    async def _decide(self, server: int, item: str, version: str, person: int, state: State) -> Turn:
        cards = await self._deck.cards(server)
        found = await self._find(server, item)
        blocked = _blocked(found, version)
        if found is not None and blocked is None and state is State.APPROVED and await _faults(found, cards):
            blocked = Note.FAULTY
        if blocked is None:
            async with self._store.writing(person=person, server=server) as connection:
                await self._store.coordination.refuse_forgotten(connection, person)
                found = await stored.find(connection, server, item)
                blocked = _blocked(found, version)  # another maintainer may have been faster
                if blocked is None:
                    await stored.decide(connection, server, item, state=state, person=person, now=self._now())
                    await self._approved.announce(connection, server)
        if blocked is None:
            self._approved.changed(server)
            return await self.next(server, item, Note(state.value))
        return await self._stay(server, item, found, blocked)

    async def _find(self, server: int, item: str) -> Stored | None:
        async with self._store.reading() as connection:
            return await stored.find(connection, server, item)

    async def _stay(self, server: int, item: str, found: Stored | None, note: Note | None) -> Turn:
        """Show a draft again, or the next one when it was decided or deleted."""
        if found is None or note in (Note.GONE, Note.DECIDED):
            return await self.next(server, item, note, by=found.person if found is not None else None)
        return Turn(await self._review(server, found, await self._deck.cards(server)), note)

    async def _review(self, server: int, draft: Stored, cards: Cards) -> Review:
        item = _item(draft)
        async with self._store.reading() as connection:
            counts = await stored.counts(connection, server)
        quotes = quotes_of(item, cards.blotted_texts, cards.texts)
        return Review(item, draft.title, quotes, await _faults(draft, cards), counts[State.PENDING])


def _item(draft: Stored) -> Item:
    return read_entry(draft.row, axis=draft.axis)


def _blocked(draft: Stored | None, version: str) -> Note | None:
    """Return why nothing can be done to a draft that was shown in this version."""
    if draft is None:
        return Note.GONE
    if draft.state is not State.PENDING:
        return Note.DECIDED
    try:
        return None if _item(draft).version == version else Note.CHANGED
    except Unusable:  # written by another version of the program
        return Note.GONE


async def _faults(draft: Stored, cards: Cards) -> tuple[str, ...]:
    return await asyncio.to_thread(lambda: faults(_item(draft), cards.bank, cards.blotted_texts))


def _first_that_holds(drafts: Sequence[Stored], cards: Cards) -> Stored | None:
    for draft in drafts:
        try:
            if holds(_item(draft), cards.blotted_texts):
                return draft
        except Unusable:  # the error repeats the draft's text, so no reason
            log.warning("the draft %s does not have the bank's form any more", draft.item)
    return None
