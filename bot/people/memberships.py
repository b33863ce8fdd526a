"""Records which servers removed the bot, and deletes their data after a grace period."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from bot.libraries.preferences import ServerPreferences
from bot.libraries.storage import Folders, Storage
from bot.store import memberships as stored
from bot.store.coordination import Topic
from bot.store.database import Store


class ServerCache(Protocol):
    """An in-memory copy of rows of servers."""

    def changed(self, server: int) -> None:
        """Drop the copy of a server's rows."""


class Memberships:
    """Memberships of servers. In other servers people may use the bot too, but nothing of those is deleted here."""

    def __init__(
        self,
        store: Store,
        data: Path,
        preferences: ServerPreferences,
        copies: Sequence[ServerCache],
        *,
        grace: timedelta,
        now: Callable[[], datetime],
        storage: Storage | None = None,
    ) -> None:
        """Take what stores data of servers; `grace` is how long it is kept after the bot was removed."""
        self._store = store
        self._storage = storage or Folders(data)
        self._preferences = preferences
        self._copies = copies
        self._grace = grace
        self._now = now

    async def joined(self, server: int) -> None:
        """Record that the bot is a member of a server; data from an earlier membership stays."""
        async with self._store.writing(server=server) as connection:
            await stored.save(connection, [server], None)

    async def left(self, server: int) -> None:
        """Record that the bot was removed from a server."""
        async with self._store.writing(server=server) as connection:
            await stored.save(connection, [server], self._now())

    async def compare(self, present: Collection[int], is_ours: Callable[[int], bool] = lambda server: True) -> None:
        """Record the changes while the bot was offline; `present` are all servers that it is a member of now.

        Only servers for which `is_ours` is true are looked at: those that this process would see.
        """
        folders = await asyncio.to_thread(self._storage.servers)
        async with self._store.writing() as connection:
            known = await stored.every(connection)
            here = {server for server, left_at in known.items() if left_at is None}
            once = here | ((await stored.with_own_rows(connection) | {*folders} - {None}) - known.keys())
            await stored.save(connection, {*present} - here, None)
            gone = [each for each in once - {*present} if each is not None and is_ours(each)]
            await stored.save(connection, gone, self._now())

    async def purge(self) -> list[int]:
        """Delete the libraries and rows of servers whose grace period is over; returns their ids.

        Raises LibraryLockedError while such a library is being built.
        """
        latest = self._now() - self._grace
        async with self._store.reading() as connection:
            known = await stored.every(connection)
        over = [server for server, left_at in known.items() if left_at is not None and left_at <= latest]
        for server in over:
            await asyncio.to_thread(self._storage.delete, server)
            async with self._store.writing() as connection:
                await stored.purge(connection, server)
                for topic in (Topic.PREFERENCES, Topic.APPROVED, Topic.LESSONS):
                    await self._store.coordination.announce(connection, topic, server)
            self._preferences.drop(server)
            for copy in self._copies:
                copy.changed(server)
        return over
