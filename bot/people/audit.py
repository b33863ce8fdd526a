"""Exports and deletes what the libraries' files record about people: who built and promoted what.

The files hold pseudonyms; those of older versions hold people's ids.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container
from pathlib import Path

from bot.backup.swap import replaced_folders
from bot.libraries.disk import disk_errors_explained
from bot.libraries.paths import every_folder
from bot.libraries.pseudonyms import Pseudonyms
from index.generations import promotion, records


class LibraryAudit:
    """The records about people in all libraries of a data folder."""

    def __init__(self, data: Path, pseudonyms: Pseudonyms) -> None:
        self._data = data
        self._pseudonyms = pseudonyms

    async def of(self, person: int) -> list[dict[str, object]]:
        """List the records under a person's pseudonyms or id."""
        names = {str(person), *await self._pseudonyms.of(person)}
        return await asyncio.to_thread(changes_by, self._data, names)

    async def forget(self, person: int) -> None:
        """Delete a person's id from records of older versions, also in folders that a restore put aside.

        The link to the pseudonyms is deleted with the person's rows in the store.
        """

        def work() -> None:
            for folder in (self._data, *replaced_folders(self._data)):
                remove_name_from_libraries(folder, str(person))

        with disk_errors_explained():
            await asyncio.to_thread(work)


def changes_by(data: Path, by: Container[str]) -> list[dict[str, object]]:
    """List the changes and builds recorded under these names, in all libraries; `server` is None for the shared one."""
    found: list[dict[str, object]] = []
    for server, folder in every_folder(data).items():
        found += [
            {"server": server, "did": event.step, "generation": event.generation, "at": event.at}
            for event in promotion.history(folder)
            if event.by in by
        ]
        found += [
            {"server": server, "did": "built", "generation": generation}
            for generation in records.examined(folder)
            if (records.read_record(folder, generation) or {}).get("by") in by
        ]
    return found


def remove_name_from_libraries(data: Path, by: str) -> None:
    """Delete a name from all libraries; raises LibraryLockedError while one is being changed, and can be repeated."""
    for folder in every_folder(data).values():
        promotion.remove_name_from_history(folder, by)
        records.remove_name_from_records(folder, by)
