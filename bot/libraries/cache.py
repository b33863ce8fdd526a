"""Keeps libraries open and opens new generations in a second thread, so that no answer waits for one to open."""

from __future__ import annotations

import gc
import logging
import math
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from cachetools import Cache, LRUCache

from bot.libraries.storage import storage_of
from index.errors import LibraryError
from index.generations.manifest import FOLDER, live

if TYPE_CHECKING:
    from pathlib import Path

    from bot.libraries.opening import Library
    from bot.settings import Settings

log = logging.getLogger(__name__)

# A small library is open within this time, so that a new generation answers the next question. It is no longer than an
# answer takes, for the sake of large ones.
_PATIENCE_S = 0.02


class OpenLibraries:
    """The open libraries by folder. One thread calls `take`; another one opens."""

    def __init__(self, settings: Settings, shared: Library) -> None:
        """Take the shared library, which is open already."""
        self._settings = settings
        self._storage = storage_of(settings)
        self.encoder = shared.encoder
        self._reranker, self._acts = shared.reranker, shared.acts
        self._most_bytes = settings.open_megabytes * 10**6
        self._refused: dict[Path, str] = {}
        self._bytes: dict[Path, int] = {}
        self._open: LRUCache[Path, Library] = LRUCache(math.inf)
        self._held: frozenset[Path] = frozenset()
        self._storage.hold(lambda: self._held)
        self._put(settings.data, shared)
        self._opening: dict[Path, Future[Library]] = {}
        self._opener = ThreadPoolExecutor(max_workers=1, thread_name_prefix="opener")

    def take(self, server: int | None) -> Library | Future[Any]:
        """Return the library that answers a server now, or a future while it is opened for the first time.

        While a newer generation is opened, or when it cannot be, the old one stays in use. Where there is none, the
        error of opening is raised, a LibraryError for people.
        """
        unknown = self._storage.refresh(server)
        if unknown is not None:
            return unknown
        folder = self._storage.folder_for(server)
        in_use = self._open.get(folder)
        if in_use is not None and self._is_live(folder, in_use):
            return in_use
        opening = self._opening.get(folder)
        patience_s = 0.0
        if opening is None:
            opening = self._opening[folder] = self._opener.submit(self._opened, folder)
            patience_s = _PATIENCE_S
        try:
            newer = opening.result(timeout=patience_s)
        except TimeoutError:
            return opening if in_use is None else in_use
        except Exception as error:
            del self._opening[folder]  # the next question tries again
            self._note(folder, error, serves=in_use is not None)
            if in_use is None:
                raise
            return in_use
        del self._opening[folder]
        self._put(folder, newer)
        return newer

    def in_use(self, server: int | None) -> Library | None:
        """Return the library that answers a server now if it is open; opens nothing, and does not count as a use."""
        folder = self._storage.folder_for(server)
        return Cache.__getitem__(self._open, folder) if folder in self._open else None

    def opening(self, server: int | None) -> Future[Any] | None:
        """Start to open the live generation of a server if it is not open; returns the future to wait for."""
        taken = self.take(server)
        return self._opening.get(self._storage.folder_for(server)) or (taken if isinstance(taken, Future) else None)

    def close(self) -> None:
        """Stop the opening thread after its current work."""
        self._opener.shutdown(cancel_futures=True)

    def _is_live(self, folder: Path, library: Library) -> bool:
        """Say whether this is the live generation; True when that cannot be read, so that it stays in use."""
        try:
            is_live = live(folder) in (None, library.generation.id)
        except LibraryError as error:
            self._note(folder, error, serves=True)
            return True
        if is_live:
            self._note_mended(folder)
        return is_live

    def _note(self, folder: Path, error: Exception, *, serves: bool) -> None:
        """Log why a library cannot be opened, once: every question tries again."""
        if self._refused.get(folder) != str(error):
            self._refused[folder] = str(error)
            state = "the old one serves on" if serves else "nothing is answered from it"
            unforeseen = None if isinstance(error, LibraryError) else error
            log.error("the library in %s cannot be opened, %s: %s", folder, state, error, exc_info=unforeseen)

    def _note_mended(self, folder: Path) -> None:
        if self._refused.pop(folder, None) is not None:
            log.info("the library in %s is open", folder)

    def _put(self, folder: Path, library: Library) -> None:
        self._note_mended(folder)
        self._open.get(self._settings.data)  # a use, so that the shared one is never the least recently used
        self._open[folder] = library
        self._bytes[folder] = bytes_of(folder / FOLDER / library.generation.id)
        while len(self._open) > 2 and sum(self._bytes.values()) > self._most_bytes:
            closed, _ = self._open.popitem()
            del self._bytes[closed]
        self._held = frozenset(each / FOLDER / open.generation.id for each, open in self._open.items())

    def _opened(self, folder: Path) -> Library:
        from bot.libraries.opening import open_library  # imports FAISS, so only when needed

        # Opening makes many small objects. The garbage collections that they trigger would stop the answers for tenths
        # of a second.
        gc.disable()
        try:
            return open_library(self._settings, self.encoder, folder, self._reranker, self._acts)
        finally:
            gc.enable()


def bytes_of(folder: Path) -> int:
    """Return the size of a generation's files: about what it takes in memory while it is open."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
