"""The items of a server's own: drafts that its maintainers have approved, kept at hand until they approve another."""

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
from bot.store.database import Store

log = logging.getLogger(__name__)

FILE = "drafts"
"""Where faults say that such an item comes from."""


@dataclass(frozen=True, slots=True)
class Approved:
    """A server's own items, borne out or not, and the titles of their axes; `version` is that of no other set."""

    version: int = 0
    items: tuple[Item, ...] = ()
    axes: Mapping[str, str] = field(default_factory=dict)


NONE_APPROVED = Approved()


class ApprovedItems:
    """Reads what was approved; whoever decides about a draft has it read anew."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: WriteThroughCache[int, Approved] = WriteThroughCache()
        self._versions = count(1)
        self._changes = 0

    async def of(self, server: int) -> Approved:
        """Give a server's own items."""
        found = self._known.get(server)
        if found is None:
            before = self._changes
            # Never as a writer: presses ask for a deck while they write.
            async with self._store.reading() as connection:
                found = self._read(await stored.in_state(connection, server, State.APPROVED))
            if self._changes == before:  # else a decision was committed meanwhile
                self._known.put(server, found)
        return found

    def changed(self, server: int) -> None:
        """Have a server's items read anew, after a decision was committed."""
        self._changes += 1
        self._known.drop(server)

    def _read(self, approved: list[stored.Stored]) -> Approved:
        items = []
        for draft in approved:
            try:
                items.append(read_entry(draft.row, axis=draft.axis, file=FILE))
            except Unusable:  # the form was narrower once than it is now; the reasons repeat what the item says
                log.warning("the approved item %s cannot be asked any more", draft.item)
        if not items:
            return NONE_APPROVED
        return Approved(next(self._versions), tuple(items), {draft.axis: draft.title for draft in approved})
