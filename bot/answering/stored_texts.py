"""Async reads of the stored texts behind the answers, each in a thread; no model is needed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from bot.libraries import source_text
from bot.libraries.paths import folders_for
from bot.libraries.storage import storage_of
from index.errors import GenerationError
from index.generations.promotion import history

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bot.libraries.source_text import Context, LibraryStatus, Place, Removed, Verification
    from bot.settings import Settings
    from index.answering.answer import Quote

ResultT = TypeVar("ResultT")


class StoredTexts:
    """Reads the library that a server uses; `server` is None in private, where the shared library answers."""

    _settings: Settings

    async def quotes(self, places: Sequence[Place], *, server: int | None = None) -> list[Quote]:
        """Quote these places again; raises LibraryError when their generation is gone."""
        generations = {place.generation for place in places}
        return await self._read(server, generations, lambda folder: source_text.quotes(folder, places))

    async def context(self, place: Place, *, server: int | None = None) -> Context:
        """Return a place with its paragraph and the neighbours; raises LibraryError when its generation is gone."""
        return await self._read(server, {place.generation}, lambda folder: source_text.context(folder, place))

    async def verify(self, place: Place, sha256: str, *, server: int | None = None) -> Verification:
        """Read a place from the disk again and hash it; `sha256` may be a prefix of the expected hash."""
        return await self._read(server, {place.generation}, lambda folder: source_text.verify(folder, place, sha256))

    async def document_ids(self, generation: str, *, server: int | None = None) -> tuple[str, ...]:
        """List the ids of a generation's documents; raises LibraryError when it is gone."""
        return await self._read(server, {generation}, lambda folder: source_text.document_ids(folder, generation))

    async def removed(self, document: str, *, server: int | None = None) -> Removed | None:
        """Return when a document left the live library; None while the library has it."""
        storage = storage_of(self._settings)

        def work() -> Removed | None:
            folder = storage.ready(server)
            for event in history(folder):
                storage.fetch(folder, event.generation)
            return source_text.removed(folder, document)

        return await asyncio.to_thread(work)

    async def was_live(self, generation: str, *, server: int | None = None) -> bool:
        """Say whether a generation, kept or deleted, was ever live in a library that the server may read."""
        folders = folders_for(self._settings.data, server)
        return await asyncio.to_thread(
            lambda: any(event.generation == generation for folder in folders for event in history(folder))
        )

    async def library_status(self, *, server: int | None = None) -> LibraryStatus:
        """Return what is in the library; raises LibraryError when there is none yet."""
        return await asyncio.to_thread(lambda: source_text.status(storage_of(self._settings).ready(server)))

    async def _read(self, server: int | None, generations: set[str], read: Callable[[Path], ResultT]) -> ResultT:
        """Read `generations` in the server's own library, and in the shared one when they are not there."""
        storage = storage_of(self._settings)

        def fetched(folder: Path) -> ResultT:
            for generation in generations:
                storage.fetch(folder, generation)
            return read(folder)

        def work() -> ResultT:
            *others, shared = folders_for(self._settings.data, server)
            for own in others:
                try:
                    return fetched(own)
                except GenerationError:
                    continue
            return fetched(shared)

        return await asyncio.to_thread(work)
