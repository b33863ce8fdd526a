"""Write-through cache of quiz sessions and memories, in use only while this process is the sole writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.quiz.schedule import Memory
from bot.quiz.session import Session
from bot.store import sessions as stored
from bot.store.cache import WriteThroughCache
from bot.store.database import Connection, Store

UNTOUCHED = timedelta(days=7)
_BATCH = 500  # sessions deleted in one transaction


class SessionCache:
    """Recently used sessions by id, and what their people remember: the memory of each item by its id.

    Where other processes may write to the database, a session from here says only whose it is, which never changes;
    whatever is decided or shown is read anew, under the person's lock.
    """

    def __init__(self, store: Store, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._sessions: WriteThroughCache[int, Session] = WriteThroughCache()
        self._memories: WriteThroughCache[int, Mapping[str, Memory]] = WriteThroughCache()

    def cached(self, session: int) -> Session | None:
        """Return a session if it is in the cache."""
        return self._sessions.get(session)

    async def session(self, connection: Connection, session: int) -> Session | None:
        """Return a session as it is now; None when there is none."""
        known = None if self._store.coordination.is_shared else self._sessions.get(session)
        return known or await stored.load(connection, session)

    async def memories(self, connection: Connection, person: int) -> Mapping[str, Memory]:
        """Return a person's memories by item as they are now."""
        found = self._memories.get(person)  # never any where other processes write
        return found if found is not None else await stored.memories(connection, person)

    async def memory(self, connection: Connection, person: int, item: str) -> Memory | None:
        """Return a person's memory of an item; None when they have not answered it."""
        if self._store.coordination.is_shared:
            return await stored.last_memory(connection, person, item)
        return (await self.memories(connection, person)).get(item)

    async def learned(
        self, connection: Connection, person: int, item: str, memory: Memory
    ) -> Mapping[str, Memory] | None:
        """Return a person's memories with a new one, to be `put` after the commit; None where nothing is cached."""
        if self._store.coordination.is_shared:
            return None
        return {**await self.memories(connection, person), item: memory}

    def put(self, session: Session, memories: Mapping[str, Memory] | None) -> None:
        """Cache a session and its person's memories (None: they did not change), after their commit."""
        self._sessions.put(session.id, session)
        if memories is not None and not self._store.coordination.is_shared:
            self._memories.put(session.person, memories)

    def keep_owner(self, session: Session) -> None:
        """Cache a session that was read without a lock, where it serves only to say whose it is."""
        if self._store.coordination.is_shared:
            self._sessions.put(session.id, session)

    def people(self) -> set[int]:
        """Return the people whose sessions are in the cache."""
        return {session.person for session in self._sessions.values()}

    def forget(self, person: int) -> None:
        """Drop a person's sessions and memories from the cache, after they were deleted from the store."""
        self._sessions.drop_all(lambda _, session: session.person == person)
        self._memories.drop(person)

    async def delete_untouched(self) -> int:
        """Delete sessions older than UNTOUCHED without a choice, hint or answer; return how many."""
        before, count = self._now() - UNTOUCHED, 0
        while True:
            async with self._store.reading() as connection:
                found = await stored.untouched(connection, before, _BATCH)
            if not found:
                return count
            async with self._store.writing() as connection:
                deleted = await stored.delete_untouched(connection, found)
            for session in deleted:
                self._sessions.drop(session)
            count += len(deleted)
