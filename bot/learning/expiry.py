"""Deletes quizzes that were started and never touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.learning.sessions import QuizSessions
from bot.store import sessions
from bot.store.database import Store

UNTOUCHED = timedelta(days=7)
_AT_ONCE = 500


class Expiry:
    """Sweeps out sessions without a choice, a hint or an answer after UNTOUCHED."""

    def __init__(self, store: Store, walks: QuizSessions, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._walks = walks
        self._now = now

    async def sweep(self) -> int:
        """Delete them, some hundreds in a transaction; gives how many there were."""
        before, count = self._now() - UNTOUCHED, 0
        while True:
            async with self._store.reading() as connection:
                found = await sessions.untouched(connection, before, _AT_ONCE)
            if not found:
                return count
            async with self._store.writing() as connection:
                gone = await sessions.delete_untouched(connection, found)
            self._walks.drop(gone)
            count += len(gone)
