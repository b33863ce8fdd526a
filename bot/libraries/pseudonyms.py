"""Gives people the pseudonyms under which the libraries' files record what they did.

The files never hold an id. So whatever is written into them while a person is being deleted, by this process or by a
build that began before, names nobody as soon as the person's row in the store is deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from bot.store import pseudonyms as stored
from bot.store.database import Store


class Pseudonyms:
    """`given` makes none for a person whose deletion is going on: what they do meanwhile is recorded without a name."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._deleting: Counter[int] = Counter()

    @contextmanager
    def deleting(self, person: int) -> Iterator[None]:
        """Make no pseudonym for a person meanwhile."""
        self._deleting[person] += 1
        try:
            yield
        finally:
            self._deleting[person] -= 1
            if not self._deleting[person]:
                del self._deleting[person]

    def is_deleting(self, person: int) -> bool:
        return person in self._deleting

    async def given(self, person: int) -> str:
        """Give a person's pseudonym; "" while they are being deleted."""
        if person in self._deleting:
            return ""
        async with self._store.writing() as connection:
            # One that began since then waits for this transaction, and deletes what it writes.
            return await stored.given(connection, person)

    async def of(self, person: int) -> list[str]:
        """List the pseudonyms of a person."""
        async with self._store.reading() as connection:
            return await stored.of_person(connection, person)

    async def people(self, names: Iterable[str]) -> dict[str, int]:
        """Give the people behind pseudonyms; unknown names and those of deleted people are left out."""
        async with self._store.reading() as connection:
            return await stored.people(connection, names)
