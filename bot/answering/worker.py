"""The worker thread of the answering engine: it opens the libraries and runs everything that needs the model."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from bot.libraries.cache import OpenLibraries
from index.errors import LibraryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.libraries.opening import Library
    from bot.settings import Settings

log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")


class LibraryWorker:
    """Opens the shared library in one worker thread, and runs calls that need an open library there."""

    def __init__(self, settings: Settings, load: Callable[[], Library] | None = None) -> None:
        """Take the settings; `load` opens the shared library in the worker thread (by default as the settings say)."""
        self._settings = settings
        self._load = load or self._open
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="library")
        self._libraries: OpenLibraries | None = None
        self._loading: asyncio.Task[OpenLibraries] | None = None
        self._reported = ""

    def start(self) -> None:
        """Start to load the library in the background, again after a failure; returns at once."""
        if self._loading is None or self.fault is not None:
            self._loading = asyncio.create_task(self._begin())
            self._loading.add_done_callback(self._report)

    @property
    def ready(self) -> bool:
        """Say whether the shared library is open."""
        return self._libraries is not None

    @property
    def fault(self) -> BaseException | None:
        """Return the error of the last attempt to open the library; None while it opens and once it is open."""
        loading = self._loading
        return loading.exception() if loading is not None and loading.done() and not loading.cancelled() else None

    async def opened(self) -> OpenLibraries:
        """Wait until the shared library is open, starting to load it if needed; raises LibraryError when it fails."""
        if self._libraries is not None:
            return self._libraries
        self.start()  # after a failure every question tries again: the cause may be fixed
        assert self._loading is not None
        return await asyncio.shield(self._loading)

    async def run(self, work: Callable[[OpenLibraries], ResultT]) -> ResultT:
        """Call `work` with the open libraries in the worker thread; raises LibraryError when they cannot be opened."""
        libraries = await self.opened()
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, libraries)

    async def close(self) -> None:
        """Stop the worker thread after its current call."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
        if self._libraries is not None:
            await asyncio.to_thread(self._libraries.close)

    async def _begin(self) -> OpenLibraries:
        library = await asyncio.get_running_loop().run_in_executor(self._thread, self._load)
        self._libraries = OpenLibraries(self._settings, library)
        return self._libraries

    def _open(self) -> Library:
        from bot.libraries.opening import open_library  # imports FAISS and the model's libraries, so only when needed

        return open_library(self._settings)

    def _report(self, loading: asyncio.Task[OpenLibraries]) -> None:
        """Log how the loading ended, and the same reason only once: every question tries again."""
        if loading.cancelled():
            return
        error = loading.exception()
        reason = "" if error is None else repr(error)
        if error is None:
            log.info("the library is open")
        elif reason != self._reported:
            known = isinstance(error, LibraryError)
            log.error("the library cannot be opened: %s", error if known else "", exc_info=None if known else error)
        self._reported = reason
