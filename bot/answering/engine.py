"""The async door from Discord to the libraries: one worker thread, and questions that come together go together."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from bot.errors import BusyError, LeavingError
from bot.libraries import source_text
from bot.libraries.cache import OpenLibraries
from bot.libraries.paths import folder_for, folders_for
from index.errors import GenerationError, LibraryError
from index.generations.manifest import live
from index.generations.promotion import history
from index.generations.texts import live_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from bot.libraries.opening import Library
    from bot.libraries.source_text import Context, LibraryStatus, Place, Removed, Verification
    from bot.quiz.grading import Grade
    from bot.settings import Settings
    from index.answering.answer import Answer, Quote
    from index.generations.texts import Texts

log = logging.getLogger(__name__)

_TOGETHER = 32
_MOST_WAITING = 200
"""How many questions may wait; with more of them everybody would wait for many seconds, and with time for ever."""

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class _Waiting:
    question: str
    history: tuple[str, ...]
    server: int | None
    answer: asyncio.Future[Answer]


class AnsweringEngine:
    """Answers questions without ever holding up the event loop.

    Model and index belong to one worker thread. While it works, further questions gather and then go through the
    model together. The other calls only read stored text, in threads of their own, and need no model. `server` says
    where it is asked: a server may have a library of its own; in private, where it is None, the shared one answers.
    """

    def __init__(self, settings: Settings, load: Callable[[], Library] | None = None) -> None:
        """Take the settings; `load` opens the shared library in the worker thread (by default as the settings say)."""
        self._settings = settings
        self._load = load or self._open
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="library")
        self._shelf: OpenLibraries | None = None
        self._loading: asyncio.Task[OpenLibraries] | None = None
        self._waiting: list[_Waiting] = []
        self._unanswered: set[asyncio.Future[Answer]] = set()
        self._leaving = False
        self._answering: asyncio.Task[None] | None = None
        self._later: set[asyncio.Task[None]] = set()
        self._reported = ""

    def start(self) -> None:
        """Begin to load the library in the background, again if that failed; returns at once."""
        if self._loading is None or self.fault is not None:
            self._loading = asyncio.create_task(self._begin())
            self._loading.add_done_callback(self._report)

    @property
    def ready(self) -> bool:
        """Say whether questions are answered at once."""
        return self._shelf is not None

    async def opened(self) -> None:
        """Wait until the shared library is open, starting to load it if need be; raises LibraryError when it cannot."""
        await self._loaded()

    @property
    def fault(self) -> BaseException | None:
        """Give what kept the library from opening; None while it opens and when it is open."""
        loading = self._loading
        return loading.exception() if loading is not None and loading.done() and not loading.cancelled() else None

    @property
    def waiting(self) -> int:
        """Count the questions that are not begun yet."""
        return len(self._waiting)

    async def ask(self, question: str, history: Sequence[str] = (), *, server: int | None = None) -> Answer:
        """Answer a question, waiting for the library if it still loads; raises LibraryError when it cannot.

        Raises BusyError when too many wait already, and LeavingError when the bot ends before it is answered.
        """
        if self._leaving:
            raise LeavingError
        if len(self._unanswered) >= _MOST_WAITING:
            raise BusyError
        waiting = _Waiting(question, tuple(history), server, asyncio.get_running_loop().create_future())
        self._unanswered.add(waiting.answer)
        waiting.answer.add_done_callback(self._unanswered.discard)
        self._queue([waiting])
        return await waiting.answer

    async def quotes(self, places: Sequence[Place], *, server: int | None = None) -> list[Quote]:
        """Quote these places again; raises LibraryError when their generation is gone."""
        return await self._somewhere(server, lambda folder: source_text.quotes(folder, places))

    async def context(self, place: Place, *, server: int | None = None) -> Context:
        """Show a place in its paragraph; raises LibraryError when its generation is gone."""
        return await self._somewhere(server, lambda folder: source_text.context(folder, place))

    async def verify(self, place: Place, sha256: str, *, server: int | None = None) -> Verification:
        """Read a place from the disk again and hash it; `sha256` may be the front of the hash that is expected."""
        return await self._somewhere(server, lambda folder: source_text.verify(folder, place, sha256))

    async def document_ids(self, generation: str, *, server: int | None = None) -> tuple[str, ...]:
        """List the ids of a generation's documents; raises LibraryError when it is gone."""
        return await self._somewhere(server, lambda folder: source_text.document_ids(folder, generation))

    async def removed(self, document: str, *, server: int | None = None) -> Removed | None:
        """Say that what is live holds a document no more, and since when; None when it holds it."""
        return await asyncio.to_thread(lambda: source_text.removed(folder_for(self._settings.data, server), document))

    async def was_live(self, generation: str, *, server: int | None = None) -> bool:
        """Say whether a generation was live, kept or not, in a library whose quotes a server may look at."""
        folders = folders_for(self._settings.data, server)
        return await asyncio.to_thread(
            lambda: any(event.generation == generation for folder in folders for event in history(folder))
        )

    async def library_status(self, *, server: int | None = None) -> LibraryStatus:
        """Tell what is in the library; raises LibraryError when there is none yet."""
        return await asyncio.to_thread(lambda: source_text.status(folder_for(self._settings.data, server)))

    async def texts(self, *, server: int | None = None) -> Texts:
        """Give the documents of the live generation, waiting for the first build if there is none yet."""
        if not self.ready and await asyncio.to_thread(live, self._settings.data) is None:
            await self._loaded()
        return await asyncio.to_thread(lambda: live_texts(folder_for(self._settings.data, server)))

    async def grade(self, question: str, points: tuple[str, ...], answer: str, *, server: int | None = None) -> Grade:
        """Grade a free answer against the sentences it should cover, waiting for the model if it still loads."""

        def work(shelf: OpenLibraries) -> Grade | Future[Library]:
            from bot.quiz.grading import FreeAnswer, grade

            library = shelf.take(server)
            if isinstance(library, Future):
                return library
            asked = [FreeAnswer(question, points, answer)]
            return grade(asked, library.encoder, aliases=library.generation.aliases)[0]

        while isinstance(found := await self._worked(work), Future):
            # Not in the worker, where others' questions would wait for it too.
            await asyncio.wait([asyncio.wrap_future(found)])
        return found

    async def rows(self, questions: Sequence[str]) -> NDArray[np.float32]:
        """Encode questions, unit rows [n, dim], a few at a time: whoever asks meanwhile is answered in between."""
        parts = [questions[first : first + _TOGETHER] for first in range(0, max(len(questions), 1), _TOGETHER)]
        return np.concatenate([await self._worked(partial(_encoded, part)) for part in parts])

    async def renew(self, *, server: int | None = None) -> None:
        """Wait until what was just made live for a server answers its questions, or cannot be opened."""
        opening = await self._worked(lambda shelf: shelf.opening(server))
        if opening is not None:
            await asyncio.wait([asyncio.wrap_future(opening)])

    async def finish(self, within_s: float) -> None:
        """Take no more questions, and answer those that wait; what takes longer than this is refused."""
        self._leaving = True
        if self.ready and self._unanswered:
            await asyncio.wait(self._unanswered, timeout=within_s)
        for answer in [*self._unanswered]:
            answer.set_exception(LeavingError())

    async def close(self) -> None:
        """Stop the worker after what it is doing now; questions not yet begun are given up."""
        ending = (self._answering, self._loading, *self._later)
        tasks = [task for task in ending if task is not None and not task.done()]
        for waiting in self._waiting:
            waiting.answer.cancel()
        self._waiting.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self._worker.shutdown, cancel_futures=True)
        if self._shelf is not None:
            await asyncio.to_thread(self._shelf.close)

    def _report(self, loading: asyncio.Task[OpenLibraries]) -> None:
        """Log how the loading ended, once for each reason: every question tries again."""
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

    def _open(self) -> Library:
        # It brings FAISS and the model's libraries in, so not before it is needed.
        from bot.libraries.opening import open_library

        return open_library(self._settings)

    async def _somewhere(self, server: int | None, read: Callable[[Path], ResultT]) -> ResultT:
        """Read in the server's own library, or in the shared one where an older quote may stand."""

        def work() -> ResultT:
            own, *others = folders_for(self._settings.data, server)
            for folder in others:
                try:
                    return read(own)
                except GenerationError:
                    own = folder
            return read(own)

        return await asyncio.to_thread(work)

    async def _worked(self, work: Callable[[OpenLibraries], ResultT]) -> ResultT:
        """Have the worker do something with the open libraries, waiting for them if they still load."""
        shelf = await self._loaded()
        return await asyncio.get_running_loop().run_in_executor(self._worker, work, shelf)

    async def _begin(self) -> OpenLibraries:
        library = await asyncio.get_running_loop().run_in_executor(self._worker, self._load)
        self._shelf = OpenLibraries(self._settings, library)
        return self._shelf

    async def _loaded(self) -> OpenLibraries:
        if self._shelf is not None:
            return self._shelf
        self.start()  # what was wrong may have been mended since, so the next question tries again
        assert self._loading is not None
        return await asyncio.shield(self._loading)

    def _queue(self, waiting: Sequence[_Waiting]) -> None:
        self._waiting += waiting
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer_all())

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                together, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
                await self._answer(together)
        finally:
            self._answering = None

    async def _answer(self, together: list[_Waiting]) -> None:
        """Answer these together; those whose library is not open yet are taken up again when it is."""
        groups: dict[int | None, list[_Waiting]] = {}
        for waiting in together:
            groups.setdefault(waiting.server, []).append(waiting)
        try:
            work = partial(_answered, await self._loaded(), groups)
            found = await asyncio.get_running_loop().run_in_executor(self._worker, work)
        except asyncio.CancelledError:  # closing: the worker's result will find nobody
            for waiting in together:
                waiting.answer.cancel()
            raise
        except Exception as error:  # the library does not open, or the worker is gone; nobody must wait for it
            _tell(together, error)
            return
        for server, outcome in found.items():
            if isinstance(outcome, Future):
                task = asyncio.create_task(self._answer_when_open(outcome, groups[server]))
                self._later.add(task)
                task.add_done_callback(self._later.discard)
            else:
                _tell(groups[server], outcome)

    async def _answer_when_open(self, opening: Future[Library], waiting: list[_Waiting]) -> None:
        try:
            await asyncio.wait([asyncio.wrap_future(opening)])
        except asyncio.CancelledError:
            for each in waiting:
                each.answer.cancel()
            raise
        self._queue(waiting)


Outcome = list["Answer"] | Exception | Future["Library"]


def _answered(shelf: OpenLibraries, groups: Mapping[int | None, Sequence[_Waiting]]) -> dict[int | None, Outcome]:
    """Answer what is asked in each server; whatever goes wrong in one is its own affair."""
    from index.answering.answer import Asked

    found: dict[int | None, Outcome] = {}
    for server, group in groups.items():
        try:
            library = shelf.take(server)
            if isinstance(library, Future):
                found[server] = library
                continue
            asked = [Asked(waiting.question, waiting.history) for waiting in group]
            found[server] = library.answer(asked)
        except Exception as error:  # whoever asked is told; the next questions are answered as if nothing had been
            found[server] = error
    return found


def _encoded(questions: Sequence[str], shelf: OpenLibraries) -> NDArray[np.float32]:
    return shelf.encoder.encode_queries(questions)


def _tell(group: Sequence[_Waiting], outcome: list[Answer] | Exception) -> None:
    for number, waiting in enumerate(group):
        if waiting.answer.done():
            continue
        if isinstance(outcome, Exception):
            waiting.answer.set_exception(outcome)
        else:
            waiting.answer.set_result(outcome[number])
