"""The async door to what servers have chosen about their libraries, kept at hand: it is asked at every press."""

from __future__ import annotations

from dataclasses import replace

from bot.store import preferences as stored
from bot.store.cache import WriteThroughCache
from bot.store.database import Store
from bot.store.preferences import Preferences


class ServerPreferences:
    """Whoever changes something here has been found to have the right to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: WriteThroughCache[int, Preferences] = WriteThroughCache()

    async def of(self, server: int) -> Preferences:
        """Give what a server has chosen."""
        found = self._known.get(server)
        if found is None:
            async with self._store.reading() as connection:
                found = await stored.load(connection, server)
            # A change that was committed meanwhile is at hand already, and newer than what was read.
            found = self._known.get(server) or found
            self._known.put(server, found)
        return found

    async def choose_role(self, server: int, role: int | None) -> None:
        """Give a role the right to change the library, in place of the one before; None takes it away."""
        await self._change(server, role=role)

    async def count_gaps(self, server: int, counts: bool) -> None:
        """Say whether questions that the library does not answer are counted."""
        await self._change(server, counts_gaps=counts)

    def drop(self, server: int) -> None:
        """Drop a server from the cache, once the store has deleted its row."""
        self._known.drop(server)

    async def _change(self, server: int, **changes: int | bool | None) -> None:
        async with self._store.writing() as connection:
            changed = replace(await stored.load(connection, server), **changes)  # type: ignore[arg-type]  # by name
            await stored.save(connection, server, changed)
        self._known.put(server, changed)
