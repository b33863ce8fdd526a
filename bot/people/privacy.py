"""Exports and deletes all data of one person: in the store, in the libraries' files and in memory."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.backup.swap import replaced_folders
from bot.errors import ExportError
from bot.libraries.pseudonyms import Pseudonyms
from bot.people.export import ExportFile, written
from bot.store import persons
from bot.store.coordination import Topic
from bot.store.copies import forget_in_copies
from bot.store.database import Store, ThreadConnection
from bot.store.locks import with_key

MOST_FILES = 5
"""Discord lets an app that only the person has installed follow up five times."""


class Forgetful(Protocol):
    """An in-memory copy of rows about people."""

    def people(self) -> set[int]:
        """Return everybody whose data it holds."""

    def forget(self, person: int) -> None:
        """Drop the rows of a person."""


class Memory(Forgetful, Protocol):
    """In-memory data about people that is not in the store."""

    def of(self, person: int) -> list[dict[str, object]]:
        """List the data of a person."""


class AuditLog(Protocol):
    """Records of who did what, outside the store."""

    async def of(self, person: int) -> list[dict[str, object]]:
        """List the records of a person."""

    async def forget(self, person: int) -> None:
        """Delete the id of a person."""


class PersonalData:
    """Exports and deletes a person's data. Callers have checked that the request is the person's own."""

    def __init__(
        self,
        store: Store,
        data: Path,
        bylines: AuditLog,
        *,
        memories: Mapping[str, Memory],
        copies: Sequence[Forgetful],
        now: Callable[[], datetime],
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        """Take everything that holds data of people; `memories` by the names that the export shows."""
        self._store = store
        self._data = data
        self._bylines = bylines
        self._memories = memories
        self._copies = copies
        self._now = now
        self._pseudonyms = pseudonyms or Pseudonyms(store)
        self._exporting: set[int] = set()
        self._turn = asyncio.Lock()
        store.coordination.on(Topic.DELETED, self._forget_in_memory)

    async def export(self, person: int) -> bytes:
        """Return all data of a person as one JSON file, without data of anybody else; raises ExportError."""
        [file] = await self.export_files(person)
        return file.content

    async def export_files(self, person: int, most_bytes: int | None = None) -> list[ExportFile]:
        """Return it as files of about `most_bytes` at most, large ones zipped; see `bot.people.export.written`.

        Raises ExportError while another export of this person runs, and when it needs more than MOST_FILES files.
        Exports run one after the other, in a worker thread.
        """
        if person in self._exporting:
            raise ExportError.busy()
        self._exporting.add(person)
        try:
            async with self._turn:
                about = {"person": person, "written_at": self._now()}
                memory = {name: memory.of(person) for name, memory in self._memories.items()}
                more = {"libraries": await self._bylines.of(person), "in_memory": memory}

                def write(connection: ThreadConnection) -> list[ExportFile]:
                    files: list[ExportFile] = []
                    # So many small objects would trigger a full garbage collection, which stops the event loop.
                    gc.disable()
                    try:
                        for file in written(about, persons.stored_of(connection, person), more, most_bytes):
                            if len(files) == MOST_FILES:
                                raise ExportError.too_large(MOST_FILES, most_bytes or 0)
                            files.append(file)
                    finally:
                        gc.enable()
                    return files

                return await self._store.scan(write)
        finally:
            self._exporting.discard(person)

    async def forget(self, person: int) -> None:
        """Delete a person's data, and their id from rows that others need; returns when no file holds the id.

        The store is changed in one transaction. A deletion that fails or is killed can be repeated; `resume` does so.
        """
        with self._pseudonyms.deleting(person):
            await self._store.coordination.mark_deletion(person)
            async with self._store.writing(person=person) as connection:
                await persons.forget(connection, person)
                await self._store.coordination.record_deletion(connection, person)
            # Nothing is awaited in between: a waiting writer reads these caches only after this.
            for memory in (*self._memories.values(), *self._copies):
                memory.forget(person)
            await self._bylines.forget(person)
            await asyncio.to_thread(self._forget_in_copies, person)
            if await self._store.is_traced(person):
                await self._store.compact()
            await self._store.coordination.unmark_deletion(person)

    async def resume(self) -> None:
        """Complete the deletions that were started, are not complete and are not running."""
        for person in await self._store.coordination.marked_deletions():
            if not self._pseudonyms.is_deleting(person):
                await self.forget(person)

    def _forget_in_memory(self, key: int | None) -> None:
        """Drop what this process remembers of a person whom another one deleted; see `deletion_key`."""
        if key is None:
            return  # the deletions of the last hour come one by one
        for memory in (*self._memories.values(), *self._copies):
            for person in with_key(memory.people(), key):
                memory.forget(person)

    def _forget_in_copies(self, person: int) -> None:
        forget_in_copies(self._data, person)
        for folder in replaced_folders(self._data):
            forget_in_copies(folder, person, is_aside=True)
