"""Keeps libraries open and takes up what goes live, in a thread of its own: no answer waits for a library to open."""

from __future__ import annotations

import logging
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from bot.shelves import folder_for
from index.errors import LibraryError
from index.manifest import live

if TYPE_CHECKING:
    from pathlib import Path

    from bot.library import Library
    from bot.settings import Settings

log = logging.getLogger(__name__)

_MOST_OPEN = 16
"""How many libraries stay open; the one that was asked longest ago gives way, never the shared one."""

# A small library is open within this time, and what was promoted a moment ago answers the very next question.
_PATIENCE_S = 0.1


class Shelf:
    """The open libraries by folder. Only one thread takes from it; another one opens."""

    def __init__(self, settings: Settings, shared: Library) -> None:
        """Take the shared library, which is open already."""
        self._settings = settings
        self.encoder = shared.encoder
        self._open: OrderedDict[Path, Library] = OrderedDict({settings.data: shared})
        self._opening: dict[Path, Future[Library]] = {}
        self._refused: dict[Path, str] = {}
        self._opener = ThreadPoolExecutor(max_workers=1, thread_name_prefix="opener")

    def take(self, server: int | None) -> Library | Future[Library]:
        """Give the library that answers a server now; while it is opened for the first time, what to wait for.

        While a newer generation is opened, or cannot be, the one in use serves on. Raises LibraryError when there is
        none in use.
        """
        folder = folder_for(self._settings.data, server)
        in_use = self._open.get(folder)
        if in_use is not None and live(folder) in (None, in_use.generation.id):
            self._open.move_to_end(folder)
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
        except LibraryError as error:
            del self._opening[folder]  # the next question tries again: it may have been mended
            self._note(folder, str(error), serves=in_use is not None)
            if in_use is None:
                raise
            return in_use
        del self._opening[folder]
        self._put(folder, newer)
        return newer

    def close(self) -> None:
        """End the opening thread after what it does now."""
        self._opener.shutdown(cancel_futures=True)

    def _note(self, folder: Path, reason: str, *, serves: bool) -> None:
        """Log why a library cannot be opened, once: every question tries again."""
        if self._refused.get(folder) != reason:
            self._refused[folder] = reason
            state = "the old one serves on" if serves else "nothing is answered from it"
            log.error("the library in %s cannot be opened, %s: %s", folder, state, reason)

    def _put(self, folder: Path, library: Library) -> None:
        if self._refused.pop(folder, None) is not None:
            log.info("the library in %s is open", folder)
        self._open[folder] = library
        self._open.move_to_end(folder)
        while len(self._open) > _MOST_OPEN:
            longest_ago = next(each for each in self._open if each != self._settings.data)
            del self._open[longest_ago]

    def _opened(self, folder: Path) -> Library:
        from bot.library import open_library  # FAISS and the model's libraries, so not before it is needed

        return open_library(self._settings, self.encoder, folder)
