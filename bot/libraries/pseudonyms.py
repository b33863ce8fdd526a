"""Pseudonyms under which the libraries' files record what people did.

The files hold no ids. Deleting a person's row in the store therefore makes every record of them anonymous, also one
that a running build writes later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from bot.store import pseudonyms as stored
from bot.store.database import Store


class Pseudonyms:
    """Creates and resolves pseudonyms; while a person is being deleted, their actions are recorded without one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._deleting: Counter[int] = Counter()

    @contextmanager
    def deleting(self, person: int) -> Iterator[None]:
        """Create no pseudonym for a person in this block."""
        self._deleting[person] += 1
        try:
            yield
        finally:
            self._deleting[person] -= 1
            if not self._deleting[person]:
                del self._deleting[person]

    def is_deleting(self, person: int) -> bool:
        """Say whether a deletion of this person is running."""
        return person in self._deleting

    async def given(self, person: int) -> str:
        """Return a person's pseudonym, created at the first call; "" while they are being deleted."""
        if person in self._deleting:
            return ""
        async with self._store.writing(person=person) as connection:
            # A deletion that starts now waits for this transaction, and deletes what it writes.
            if await self._store.coordination.is_being_deleted(connection, person):
                return ""
            return await stored.given(connection, person)

    async def of(self, person: int) -> list[str]:
        """List a person's pseudonyms."""
        async with self._store.reading() as connection:
            return await stored.of_person(connection, person)

    async def people(self, names: Iterable[str]) -> dict[str, int]:
        """Return the people behind pseudonyms, without unknown ones and those of deleted people."""
        async with self._store.reading() as connection:
            return await stored.people(connection, names)
