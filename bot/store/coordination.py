"""What several processes on one database agree on, and the implementation for a process that is alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import pending_deletions


class Topic(StrEnum):
    """What other processes are told of; with each comes a number."""

    PREFERENCES = "preferences"
    """The server whose preferences changed."""
    APPROVED = "approved"
    """The server whose approved items changed."""
    LESSONS = "lessons"
    """The server whose approved lessons changed."""
    DELETED = "deleted"
    """`deletion_key` of the person who was deleted."""
    LEFT = "left"
    """The ordinal of a process that has left the sessions of its shards."""
    WANTED = "wanted"
    """The shard that its own process wants back from a guest."""


Heard = Callable[[int | None], None]
"""Called with the number of a notice; with None when notices may have been missed."""


class Coordination(Protocol):
    """Marks of deletions, notices to other processes, closed rounds that are not shown yet, and sweeps."""

    is_shared: bool
    """Whether other processes may write to the database: then memory may be older than the database."""

    def on(self, topic: Topic, heard: Heard) -> None:
        """Call `heard` for the notices of a topic; to be called before `listen`."""

    async def listen(self) -> None:
        """Begin to receive notices, until the store is closed."""

    async def announce(self, connection: AsyncConnection, topic: Topic, number: int) -> None:
        """Send a notice to every process, this one too, when the transaction is committed."""

    async def mark_deletion(self, person: int) -> None:
        """Record that a person's deletion has begun, so that one that was killed is completed."""

    async def unmark_deletion(self, person: int) -> None:
        """Remove the mark of a completed deletion."""

    async def marked_deletions(self) -> list[int]:
        """Return the people whose deletion is not complete."""

    async def is_being_deleted(self, connection: AsyncConnection, person: int) -> bool:
        """Return whether another process is deleting a person."""

    async def record_deletion(self, connection: AsyncConnection, person: int) -> None:
        """Leave a tombstone in the transaction that deletes a person, and tell every process."""

    async def refuse_forgotten(self, connection: AsyncConnection, person: int) -> None:
        """Raise ForgottenError when a person was deleted while this was on its way; to be called by what begins rows.

        What changes rows that are there finds them gone.
        """

    async def note_closed(self, connection: AsyncConnection, round_id: int) -> None:
        """Record that a round is closed and that its message does not show it yet."""

    async def note_shown(self, round_id: int) -> None:
        """Record that the message of a closed round shows it."""

    async def unshown(self, *, older_s: float) -> list[int]:
        """Return the rounds that were closed so many seconds ago and are not shown."""

    async def no_later(self, connection: AsyncConnection, now: datetime) -> datetime:
        """Return `now`, or the database's time where that is earlier.

        So a process whose clock is ahead ends nothing early that another one has begun.
        """

    def alone(self, work: str) -> AbstractAsyncContextManager[bool]:
        """Return True to one process at a time for a kind of work; the others get False."""

    async def sweep(self) -> None:
        """Delete tombstones that no transaction can meet any more."""


class SingleProcess:
    """One process on a data folder, which `bot/runtime/instance_lock.py` ensures: there is nobody to agree with."""

    is_shared = False

    def __init__(self, data: Path) -> None:
        self._data = data

    def on(self, topic: Topic, heard: Heard) -> None:
        """Do nothing: whoever changes something changes this process's memory."""

    async def listen(self) -> None:
        """Do nothing."""

    async def announce(self, connection: AsyncConnection, topic: Topic, number: int) -> None:
        """Do nothing."""

    async def mark_deletion(self, person: int) -> None:
        """Write the mark into the data folder."""
        await asyncio.to_thread(pending_deletions.mark, self._data, person)

    async def unmark_deletion(self, person: int) -> None:
        """Remove the mark from the data folder."""
        await asyncio.to_thread(pending_deletions.unmark, self._data, person)

    async def marked_deletions(self) -> list[int]:
        """Return the people with a mark in the data folder."""
        return await asyncio.to_thread(pending_deletions.marked, self._data)

    async def is_being_deleted(self, connection: AsyncConnection, person: int) -> bool:
        """Return False: the deletions of this process are known to `Pseudonyms`."""
        return False

    async def record_deletion(self, connection: AsyncConnection, person: int) -> None:
        """Do nothing: this process forgets the person itself."""

    async def refuse_forgotten(self, connection: AsyncConnection, person: int) -> None:
        """Do nothing."""

    async def note_closed(self, connection: AsyncConnection, round_id: int) -> None:
        """Do nothing."""

    async def note_shown(self, round_id: int) -> None:
        """Do nothing."""

    async def unshown(self, *, older_s: float) -> list[int]:
        """Return nothing."""
        return []

    async def no_later(self, connection: AsyncConnection, now: datetime) -> datetime:
        """Return `now`: there is no other clock."""
        return now

    @asynccontextmanager
    async def alone(self, work: str) -> AsyncIterator[bool]:
        """Return True."""
        yield True

    async def sweep(self) -> None:
        """Do nothing."""
