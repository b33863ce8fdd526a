"""The async door from Discord to the library: one worker thread, and questions that come together go together."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import source
from index.errors import LibraryError
from index.texts import live, live_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.library import Library
    from bot.quiz.grading import Grade
    from bot.settings import Settings
    from bot.source import Context, LibraryStatus, Place, Verification
    from index.answer import Answer, Quote
    from index.texts import Texts

log = logging.getLogger(__name__)

_TOGETHER = 32


@dataclass(frozen=True, slots=True)
class _Waiting:
    question: str
    history: tuple[str, ...]
    answer: asyncio.Future[Answer]


class Tutor:
    """Answers questions without ever holding up the event loop.

    Model and index belong to one worker thread. While it works, further questions gather and then go through the
    model together. The other calls only read stored text, in threads of their own, and need no model.
    """

    def __init__(self, settings: Settings, load: Callable[[], Library] | None = None) -> None:
        """Take the settings; `load` opens the library in the worker thread (by default as the settings say)."""
        self._settings = settings
        self._load = load or self._open
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="library")
        self._library: Library | None = None
        self._loading: asyncio.Task[Library] | None = None
        self._waiting: list[_Waiting] = []
        self._answering: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to load the library in the background; returns at once."""
        if self._loading is None:
            self._loading = asyncio.create_task(self._begin())
            self._loading.add_done_callback(_report)

    @property
    def ready(self) -> bool:
        """Say whether questions are answered at once."""
        return self._library is not None

    async def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        """Answer a question, waiting for the library if it still loads; raises LibraryError when it cannot."""
        await self._loaded()
        waiting = _Waiting(question, tuple(history), asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer_all())
        return await waiting.answer

    async def quotes(self, places: Sequence[Place]) -> list[Quote]:
        """Quote these places again; raises LibraryError when their generation is gone."""
        return await asyncio.to_thread(source.quotes, self._settings.data, places)

    async def context(self, place: Place) -> Context:
        """Show a place in its paragraph; raises LibraryError when its generation is gone."""
        return await asyncio.to_thread(source.context, self._settings.data, place)

    async def verify(self, place: Place, sha256: str) -> Verification:
        """Read a place from the disk again and hash it; `sha256` may be the front of the hash that is expected."""
        return await asyncio.to_thread(source.verify, self._settings.data, place, sha256)

    async def library(self) -> LibraryStatus:
        """Tell what is in the library; raises LibraryError when there is none yet."""
        return await asyncio.to_thread(source.status, self._settings.data)

    async def texts(self) -> Texts:
        """Give the documents of the live generation, waiting for the first build if there is none yet."""
        if not self.ready and await asyncio.to_thread(live, self._settings.data) is None:
            await self._loaded()
        return await asyncio.to_thread(live_texts, self._settings.data)

    async def grade(self, question: str, points: tuple[str, ...], answer: str) -> Grade:
        """Grade a free answer against the sentences it should cover, waiting for the model if it still loads."""
        await self._loaded()

        def work() -> Grade:
            from bot.quiz.grading import FreeAnswer, grade

            assert self._library is not None
            library = self._library
            asked = [FreeAnswer(question, points, answer)]
            return grade(asked, library.encoder, aliases=library.generation.aliases)[0]

        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    async def close(self) -> None:
        """Stop the worker after what it is doing now; questions not yet begun are given up."""
        tasks = [task for task in (self._answering, self._loading) if task is not None and not task.done()]
        for waiting in self._waiting:
            waiting.answer.cancel()
        self._waiting.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self._worker.shutdown, cancel_futures=True)

    def _open(self) -> Library:
        # It brings FAISS and the model's libraries in, so not before it is needed.
        from bot.library import open_library

        return open_library(self._settings)

    def _renewed(self, library: Library) -> Library:
        """Open the generation that went live since, if one did; the old one serves on while that cannot be read."""
        try:
            if live(self._settings.data) in (None, library.generation.id):
                return library
            from bot.library import open_library

            return open_library(self._settings, library.encoder)
        except LibraryError as error:
            log.error("the new library cannot be opened, the old one serves on: %s", error)
            return library

    async def _begin(self) -> Library:
        self._library = await asyncio.get_running_loop().run_in_executor(self._worker, self._load)
        return self._library

    async def _loaded(self) -> Library:
        if self._library is not None:
            return self._library
        if self._loading is None or (self._loading.done() and self._loading.exception() is not None):
            # What was wrong may have been mended since, so the next question tries again.
            self._loading = None
            self.start()
        assert self._loading is not None
        return await asyncio.shield(self._loading)

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                together, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
                await self._answer(together)
        finally:
            self._answering = None

    async def _answer(self, together: list[_Waiting]) -> None:
        before = await self._loaded()

        def work() -> list[Answer]:
            from index.answer import Asked, answer

            library = self._library = self._renewed(before)
            asked = [Asked(waiting.question, waiting.history) for waiting in together]
            return answer(library.generation, library.encoder, asked)

        try:
            answers = await asyncio.get_running_loop().run_in_executor(self._worker, work)
        except asyncio.CancelledError:  # closing: the worker's result will find nobody
            for waiting in together:
                waiting.answer.cancel()
            raise
        except Exception as error:  # whoever asked is told; the next questions are answered as if nothing had been
            for waiting in together:
                if not waiting.answer.done():
                    waiting.answer.set_exception(error)
            return
        for waiting, found in zip(together, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(found)


def _report(loading: asyncio.Task[Library]) -> None:
    if loading.cancelled():
        return
    error = loading.exception()
    if isinstance(error, LibraryError):
        log.error("the library cannot be opened: %s", error)
    elif error is not None:
        log.error("the library cannot be opened", exc_info=error)
    else:
        log.info("the library is open")
