"""The weekly digest of items that work badly, for the maintainers who asked for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.learning.moderation import BadItem, Moderation
from bot.store import digests as stored
from bot.store.database import Store

_EVERY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Digest:
    """What a person is sent about a server."""

    server: int
    person: int
    items: Sequence[BadItem]


class Digests:
    """Who is sent the digest of a server. Callers check that the person manages the server, at each sending too."""

    def __init__(self, store: Store, moderation: Moderation, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._moderation = moderation
        self._now = now

    async def wants(self, server: int, person: int) -> bool:
        """Return whether a person wants the digest of a server."""
        async with self._store.reading() as connection:
            return await stored.wants(connection, server, person)

    async def switch(self, server: int, person: int, *, on: bool) -> None:
        """Send a person the digest of a server from now on, or no longer."""
        async with self._store.writing(person=person) as connection:
            await self._store.coordination.refuse_forgotten(connection, person)
            await (stored.add if on else stored.remove)(connection, server, person)

    async def due(self) -> list[tuple[int, int]]:
        """Return (server, person) of the digests that were not sent for a week."""
        async with self._store.reading() as connection:
            return await stored.due(connection, self._now() - _EVERY)

    async def take(self, server: int, person: int) -> Digest | None:
        """Return a digest to be sent now; None while every item of the server works, and it stays due.

        It counts as sent at once: one that is lost is better than one that comes again and again.
        """
        retired = await self._moderation.retired(server)
        items = [bad for bad in await self._moderation.bad_items(server) if bad.item.id not in retired]
        if not items:
            return None
        async with self._store.writing(person=person) as connection:
            await stored.sent(connection, server, person, self._now())
        return Digest(server, person, items)
