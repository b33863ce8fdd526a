"""The async answering engine: questions that arrive together are answered in one batch, in one worker thread."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from bot.answering.stored_texts import StoredTexts
from bot.answering.turn import Turn
from bot.answering.worker import LibraryWorker
from bot.errors import BusyError, LeavingError
from bot.libraries.storage import storage_of
from index.generations.manifest import live
from index.generations.texts import live_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from bot.answering.turn import NextStep, Response
    from bot.libraries.cache import OpenLibraries
    from bot.libraries.opening import Library
    from bot.libraries.source_text import Place
    from bot.quiz.grading import Grade
    from bot.quiz.lesson_plan import LessonPlan
    from bot.settings import Settings
    from index.answering.answer import Answer, Quote
    from index.generations.texts import Texts
    from index.quotations.check import Report

_BATCH = 32
_MOST_WAITING = 200
"""Questions that may wait for their answers; with more, everybody would wait for many seconds."""


ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class _Waiting:
    turn: Turn
    server: int | None
    response: asyncio.Future[Response]


class AnsweringEngine(LibraryWorker, StoredTexts):
    """Answers questions without blocking the event loop.

    While the worker thread answers a batch, further questions gather for the next one. `server` says where the
    question comes from: a server may have a library of its own; None is a private chat, where the shared one answers.
    """

    def __init__(self, settings: Settings, load: Callable[[], Library] | None = None) -> None:
        """Take the settings; `load` opens the shared library in the worker thread (by default as the settings say)."""
        super().__init__(settings, load)
        self._waiting: list[_Waiting] = []
        self._unanswered: set[asyncio.Future[Response]] = set()
        self._leaving = False
        self._answering: asyncio.Task[None] | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._unprepared: set[int | None] = set()

    @property
    def waiting(self) -> int:
        """Count the questions that are in no batch yet."""
        return len(self._waiting)

    async def respond(
        self, text: str, history: Sequence[str] = (), shown: Sequence[Place] = (), *, server: int | None = None
    ) -> Response:
        """Respond to a message once the library is open; raises LibraryError when it cannot be opened.

        `history` are the earlier messages of the conversation, oldest first, `shown` the places of the quotes that were
        shown last. Raises BusyError when too many messages wait, and LeavingError when the bot ends before this one's
        turn.
        """
        if self._leaving:
            raise LeavingError
        if len(self._unanswered) >= _MOST_WAITING:
            raise BusyError
        turn = Turn(text, tuple(history), tuple(shown))
        waiting = _Waiting(turn, server, asyncio.get_running_loop().create_future())
        self._unanswered.add(waiting.response)
        waiting.response.add_done_callback(self._unanswered.discard)
        self._queue([waiting])
        return await waiting.response

    async def ask(self, question: str, history: Sequence[str] = (), *, server: int | None = None) -> Answer:
        """Return only the answer of a response; raises what `respond` raises."""
        return (await self.respond(question, history, server=server)).answer

    async def overview(self, place: Place, *, server: int | None = None) -> Response:
        """Give an overview of the section in which a place lies, once the library is open."""
        from bot.answering.responses import overview_at

        return await self._with_library(server, lambda library: overview_at(library, place))

    async def steps_from(self, quote: Quote, *, server: int | None = None) -> tuple[NextStep, ...]:
        """Choose what can be asked next after a quote that was shown alone; nothing after one of an old generation."""
        from bot.answering.next_steps import steps_from

        return await self._with_library(server, lambda library: steps_from(library, quote))

    async def suggested(self, digest: str, *, server: int | None = None) -> str | None:
        """Return the question with this digest among those that a server's library may suggest; None without one."""
        return await self._with_library(server, lambda library: library.suggestions.question(digest))

    async def lesson_outline(
        self, documents: Collection[str] | None = None, *, server: int | None = None
    ) -> LessonPlan:
        """Plan a lesson about these documents, or all, without items, once the library is open."""

        def work(library: Library) -> LessonPlan:
            from bot.quiz.lesson_outline import outline

            return outline(library.generation, documents)

        return await self._with_library(server, work)

    async def check_quotations(self, text: str, *, server: int | None = None) -> Report:
        """Hold the quotations of a text against a server's library, once that is open."""

        def work(library: Library) -> Report:
            from index.quotations.check import check

            return check(library.generation, text)

        return await self._with_library(server, work)

    async def texts(self, *, server: int | None = None) -> Texts:
        """Return the documents of the live generation, waiting for the first build if there is none yet."""
        if not self.ready and await asyncio.to_thread(live, self._settings.data) is None:
            await self.opened()
        return await asyncio.to_thread(lambda: live_texts(storage_of(self._settings).ready(server)))

    async def grade(self, question: str, points: tuple[str, ...], answer: str, *, server: int | None = None) -> Grade:
        """Grade a free answer against the sentences it should cover, once the model is loaded."""

        def work(library: Library) -> Grade:
            from bot.quiz.grading import FreeAnswer, grade

            return grade([FreeAnswer(question, points, answer)], library.encoder, aliases=library.generation.aliases)[0]

        return await self._with_library(server, work)

    async def _with_library(self, server: int | None, work: Callable[[Library], ResultT]) -> ResultT:
        """Call `work` in the worker thread with a server's library, once that is open."""

        def taken(libraries: OpenLibraries) -> ResultT | Future[Any]:
            library = libraries.take(server)
            return library if isinstance(library, Future) else work(library)

        while isinstance(found := await self.run(taken), Future):
            # Not in the worker thread, where the questions of others would wait too.
            await asyncio.wait([asyncio.wrap_future(found)])
        return found

    async def rows(self, questions: Sequence[str]) -> NDArray[np.float32]:
        """Encode questions as unit rows, float32 [n, dim], in batches, so that others are answered in between."""
        parts = [questions[first : first + _BATCH] for first in range(0, max(len(questions), 1), _BATCH)]
        return np.concatenate([await self.run(partial(_encoded, part)) for part in parts])

    async def renew(self, *, server: int | None = None) -> None:
        """Wait until the generation that was just promoted answers a server's questions, or fails to open."""
        opening = await self.run(lambda libraries: libraries.opening(server))
        if opening is not None:
            await asyncio.wait([asyncio.wrap_future(opening)])
        self._prepare([server])

    async def finish(self, within_s: float) -> None:
        """Take no more questions and answer the waiting ones; those left after `within_s` seconds are refused."""
        self._leaving = True
        if self.ready and self._unanswered:
            await asyncio.wait(self._unanswered, timeout=within_s)
        for answer in [*self._unanswered]:
            answer.set_exception(LeavingError())

    async def close(self) -> None:
        """Stop the worker thread after its current call and cancel the questions without an answer."""
        for task in (self._answering, self._preparing):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        for answer in [*self._unanswered]:
            answer.cancel()
        await super().close()

    def _queue(self, waiting: Sequence[_Waiting]) -> None:
        self._waiting += (each for each in waiting if not each.response.done())
        if self._waiting and self._answering is None:
            self._answering = asyncio.create_task(self._answer_all())

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
                await self._answer(batch)
        finally:
            self._answering = None

    async def _begin(self) -> OpenLibraries:
        from bot.answering.preparing import prepare_for, shipped_bank

        reading = asyncio.create_task(asyncio.to_thread(shipped_bank))
        try:
            libraries = await super()._begin()
        finally:
            bank = await reading
        # What needs no question to be asked is known before the first answer.
        await self.run(partial(prepare_for, None, bank))
        self._prepare([None])
        return libraries

    def _prepare(self, servers: Iterable[int | None]) -> None:
        """Have what the libraries of these servers suggest prepared while nobody waits for an answer."""
        self._unprepared.update(servers)
        if self._preparing is None or self._preparing.done():
            self._preparing = asyncio.create_task(self._prepare_all())

    async def _prepare_all(self) -> None:
        """Prepare part by part; messages that arrive meanwhile are answered between two parts."""
        from bot.answering.preparing import prepare_for, shipped_bank

        bank = await asyncio.to_thread(shipped_bank)
        while self._unprepared:
            server = next(iter(self._unprepared))
            if await self.run(partial(prepare_for, server, bank)):
                self._unprepared.discard(server)

    async def _answer(self, batch: list[_Waiting]) -> None:
        """Answer a batch; questions whose library is not open yet are queued again when it is."""
        groups: dict[int | None, list[_Waiting]] = {}
        for waiting in batch:
            groups.setdefault(waiting.server, []).append(waiting)
        try:
            found = await self.run(partial(_answered, groups))
        except Exception as error:  # the library does not open, or the worker has stopped; nobody must wait for it
            _tell(batch, error)
            return
        for server, outcome in found.items():
            if isinstance(outcome, Future):
                self._queue_when_open(groups[server], outcome)
            else:
                _tell(groups[server], outcome)
        self._prepare(found)

    def _queue_when_open(self, waiting: Sequence[_Waiting], opening: Future[Any]) -> None:
        loop = asyncio.get_running_loop()
        opening.add_done_callback(lambda _: loop.call_soon_threadsafe(self._queue, waiting))


Outcome = list["Response"] | Exception | Future[Any]


def _answered(groups: Mapping[int | None, Sequence[_Waiting]], libraries: OpenLibraries) -> dict[int | None, Outcome]:
    """Answer the questions of each server; an error of one server does not concern the others."""
    from bot.answering.responses import respond

    found: dict[int | None, Outcome] = {}
    for server, group in groups.items():
        try:
            library = libraries.take(server)
            if isinstance(library, Future):
                found[server] = library
            else:
                found[server] = respond(library, [waiting.turn for waiting in group])
        except Exception as error:  # given to those who asked; the next batch is not affected
            found[server] = error
    return found


def _encoded(questions: Sequence[str], libraries: OpenLibraries) -> NDArray[np.float32]:
    return libraries.encoder.encode_queries(questions)


def _tell(group: Sequence[_Waiting], outcome: list[Response] | Exception) -> None:
    for number, waiting in enumerate(group):
        if waiting.response.done():
            continue
        if isinstance(outcome, Exception):
            waiting.response.set_exception(outcome)
        else:
            waiting.response.set_result(outcome[number])
