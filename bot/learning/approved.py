"""A server's own items: the drafts that its maintainers approved."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

from bot.quiz.entries import read_entry
from bot.quiz.items import Item
from bot.quiz.review import State
from bot.quiz.schema import Unusable
from bot.store import drafts as stored
from bot.store.cache import WriteThroughCache
from bot.store.coordination import Topic
from bot.store.database import Connection, Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Approved:
    """A server's approved items and the titles of their axes. No two sets that have items share a `version`."""

    version: int = 0
    items: tuple[Item, ...] = ()
    axes: Mapping[str, str] = field(default_factory=dict)


NONE_APPROVED = Approved()


class ApprovedItems:
    """Reads and caches approved items by server; call `changed` after each decision."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache: WriteThroughCache[int, Approved] = WriteThroughCache()
        self._versions = count(1)
        self._changes = 0
        store.coordination.on(Topic.APPROVED, self._heard)

    async def of(self, server: int) -> Approved:
        """Return a server's approved items."""
        found = self._cache.get(server)
        if found is None:
            before = self._changes
            # Read, never write: a press that holds the writer's lock may ask for the deck.
            async with self._store.reading() as connection:
                found = self._read(await stored.in_state(connection, server, State.APPROVED))
            if self._changes == before:  # else a decision was committed meanwhile
                self._cache.put(server, found)
        return found

    def changed(self, server: int) -> None:
        """Drop a server's items from the cache, after a decision was committed."""
        self._changes += 1
        self._cache.drop(server)

    async def announce(self, connection: Connection, server: int) -> None:
        """Tell other processes of a decision, in its transaction."""
        await self._store.coordination.announce(connection, Topic.APPROVED, server)

    def _heard(self, server: int | None) -> None:
        if server is None:  # decisions of other processes may have been missed
            self._changes += 1
            self._cache.clear()
        else:
            self.changed(server)

    def _read(self, approved: list[stored.Stored]) -> Approved:
        items = []
        for draft in approved:
            try:
                items.append(read_entry(draft.row, axis=draft.axis))
            except Unusable:  # another version of the program wrote it; the error repeats the item's text, so no reason
                log.warning("the approved item %s cannot be asked any more", draft.item)
        if not items:
            return NONE_APPROVED
        return Approved(next(self._versions), tuple(items), {draft.axis: draft.title for draft in approved})
