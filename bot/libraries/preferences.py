"""Async access to the preferences of servers, cached because every press reads them."""

from __future__ import annotations

from dataclasses import replace

from bot.store import preferences as stored
from bot.store.cache import WriteThroughCache
from bot.store.coordination import Topic
from bot.store.database import Store
from bot.store.preferences import Preferences


class ServerPreferences:
    """Reads and changes preferences; callers have checked that the person may change them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: WriteThroughCache[int, Preferences] = WriteThroughCache()
        self._changes = 0
        store.coordination.on(Topic.PREFERENCES, self._heard)

    async def of(self, server: int) -> Preferences:
        """Return a server's preferences."""
        found = self._known.get(server)
        if found is None:
            before = self._changes
            async with self._store.reading() as connection:
                found = await stored.load(connection, server)
            # A change that was committed meanwhile is in the cache, and newer than what was read.
            found = self._known.get(server) or found
            if self._changes == before:  # else another process may have committed one
                self._known.put(server, found)
        return found

    async def choose_role(self, server: int, role: int | None) -> None:
        """Set the role that may change the library; None means no role."""
        await self._change(server, role=role)

    async def count_gaps(self, server: int, counts: bool) -> None:
        """Switch the counting of unanswered questions on or off."""
        await self._change(server, counts_gaps=counts)

    def drop(self, server: int) -> None:
        """Drop a server from the cache, once the store has deleted its row."""
        self._known.drop(server)

    def _heard(self, server: int | None) -> None:
        self._changes += 1
        if server is None:  # changes of other processes may have been missed
            self._known.clear()
        else:
            self._known.drop(server)

    async def _change(self, server: int, **changes: int | bool | None) -> None:
        async with self._store.writing(server=server) as connection:
            changed = replace(await stored.load(connection, server), **changes)  # type: ignore[arg-type]  # by name
            await stored.save(connection, server, changed)
            await self._store.coordination.announce(connection, Topic.PREFERENCES, server)
        self._known.put(server, changed)
