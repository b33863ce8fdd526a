"""Exports and deletes what the libraries' files record about people: who built and promoted what.

The files hold pseudonyms; those of older versions hold people's ids.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.backup.swap import replaced_folders
from bot.libraries.disk import disk_errors_explained
from bot.libraries.pseudonyms import Pseudonyms
from bot.libraries.storage import Folders, Storage
from index.generations import promotion, records

ResultT = TypeVar("ResultT")

_AT_ONCE = 8


class LibraryAudit:
    """The records about people in all libraries of a data folder."""

    def __init__(self, data: Path, pseudonyms: Pseudonyms, storage: Storage | None = None) -> None:
        """Take the data folder, and where the libraries are if not in it."""
        self._data = data
        self._pseudonyms = pseudonyms
        self._storage = storage or Folders(data)

    async def of(self, person: int) -> list[dict[str, object]]:
        """List the records under a person's pseudonyms or id."""
        names = {str(person), *await self._pseudonyms.of(person)}
        return await asyncio.to_thread(changes_by, self._storage, names)

    async def forget(self, person: int) -> None:
        """Delete a person's id from records of older versions, also in folders that a restore put aside.

        The link to the pseudonyms is deleted with the person's rows in the store.
        """

        def work() -> None:
            for storage in (self._storage, *map(Folders, replaced_folders(self._data))):
                remove_name_from_libraries(storage, str(person))

        with disk_errors_explained():
            await asyncio.to_thread(work)


def changes_by(storage: Storage, by: Container[str]) -> list[dict[str, object]]:
    """List the changes and builds recorded under these names, in all libraries; `server` is None for the shared one."""

    def work(server: int | None, folder: Path) -> list[dict[str, object]]:
        changes: list[dict[str, object]] = [
            {"server": server, "did": event.step, "generation": event.generation, "at": event.at}
            for event in promotion.history(folder)
            if event.by in by
        ]
        return changes + [
            {"server": server, "did": "built", "generation": generation}
            for generation in records.examined(folder)
            if (records.read_record(folder, generation) or {}).get("by") in by
        ]

    found = _in_all(storage, work)
    return [each for changes in found for each in changes]


def remove_name_from_libraries(storage: Storage, by: str) -> None:
    """Delete a name from all libraries; raises LibraryLockedError while one is being changed, and can be repeated."""

    def work(_: int | None, folder: Path) -> None:
        promotion.remove_name_from_history(folder, by)
        records.remove_name_from_records(folder, by)

    _in_all(storage, work)


def _in_all(storage: Storage, work: Callable[[int | None, Path], ResultT]) -> list[ResultT]:
    """Call `work` with each server's library, some at once: in a bucket each takes a request or two."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda each: storage.change(each[1], partial(work, each[0])), storage.servers().items()))
