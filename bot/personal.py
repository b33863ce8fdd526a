"""The async door to all that is held of one person, stored or in memory: given to them, or forgotten."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.store import persons
from bot.store.copies import forget_in_copies
from bot.store.database import Store

# What a number of JSON can hold for certain: Discord's ids are larger, so they are written as text.
_MOST_EXACT = 2**53


class Forgetful(Protocol):
    """What keeps something of people at hand that the store holds as well."""

    def forget(self, person: int) -> None: ...


class Memory(Forgetful, Protocol):
    """What holds something of people that is nowhere else."""

    def of(self, person: int) -> list[dict[str, object]]: ...


class Bylines(Protocol):
    """What has written down who did something."""

    async def of(self, person: int) -> list[dict[str, object]]: ...

    async def forget(self, person: int) -> None: ...


class Personal:
    """Whoever calls this has been found to be the person, or acts for them."""

    def __init__(
        self,
        store: Store,
        data: Path,
        bylines: Bylines,
        *,
        memories: Mapping[str, Memory],
        copies: Sequence[Forgetful],
        now: Callable[[], datetime],
    ) -> None:
        """Take all that holds something of people; `memories` are named as the person shall read it."""
        self._store = store
        self._data = data
        self._bylines = bylines
        self._memories = memories
        self._copies = copies
        self._now = now
        self._leaves_traces = False

    async def export(self, person: int) -> bytes:
        """Write down as JSON what is held of a person, and nothing of anybody else."""
        async with self._store.reading() as connection:
            stored = await persons.stored_of(connection, person)
        held = {
            "person": person,
            "written_at": self._now(),
            "stored": stored,
            "libraries": await self._bylines.of(person),
            "in_memory": {name: memory.of(person) for name, memory in self._memories.items()},
        }
        return await asyncio.to_thread(lambda: json.dumps(_readable(held), ensure_ascii=False, indent=1).encode())

    async def forget(self, person: int) -> None:
        """Delete what is a person's own, and take their name out of what others need, in one transaction.

        What lies in other files follows at once; should that fail, it can be tried again.
        """
        async with self._store.writing() as connection:
            touched = await persons.forget(connection, person)
        # No press comes in between: whoever waits to write reads what is at hand only after this.
        for memory in (*self._memories.values(), *self._copies):
            memory.forget(person)
        # Everybody's presses wait for this, so not for somebody who has nothing here; a failed one is made up for.
        self._leaves_traces |= touched > 0
        if self._leaves_traces:
            await self._store.compact()
            self._leaves_traces = False
        await self._bylines.forget(person)
        await asyncio.to_thread(forget_in_copies, self._data, person)


def _readable(value: object) -> object:
    match value:
        case dict():
            return {name: _readable(each) for name, each in value.items()}
        case list():
            return [_readable(each) for each in value]
        case datetime():
            return value.isoformat()
        case int() if abs(value) > _MOST_EXACT:
            return str(value)
    return value
