"""Asks hostile questions through the real AskHandler and looks at what the person would see."""

from __future__ import annotations

import asyncio
import logging
import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from bot.answering.engine import AnsweringEngine
from bot.answering.turn import Response
from bot.conversation.recent import ConversationKey, Conversations
from bot.exts.ask._handler import AskHandler
from bot.libraries.opening import Library, open_library
from bot.libraries.source_text import Place
from bot.observability.events import EventBus
from bot.people.quotas import Quotas
from bot.runtime.in_flight import InFlight
from bot.settings import Settings
from index.generations.generation import load
from tests.bench.quality import essay_settings
from tests.hostile.layouts import look
from tests.hostile.tally import HANG_S, Tally, shown
from tests.hostile.texts import PIECES, surrogates_of_json, texts
from tests.index.fakes import FakeEncoder, build_texts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import discord

    from bot.ui.client import TutorClient
    from index.answering.answer import Answer, Quote

_PEOPLE = 40
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_ESSAY = (
    "The metaverse is not the same as the Internet. The Internet takes traffic as its goal, and the metaverse does not."
)


@dataclass(slots=True)
class _Heard:
    """One question under way: what the tutor answered and what went wrong, wherever it came to light."""

    text: str
    answers: list[Answer] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    views: list[discord.ui.LayoutView] = field(default_factory=list)


_heard: ContextVar[_Heard] = ContextVar("_heard")


class _Surface:
    """Where an answer appears."""

    server = None

    def __init__(self, heard: _Heard, *, shows_question: bool) -> None:
        self._heard = heard
        self.shows_question = shows_question

    async def show(self, view: discord.ui.LayoutView) -> None:
        self._heard.views.append(view)

    async def busy(self) -> None:
        return


class _KeptTutor(AnsweringEngine):
    """Keeps what it answered beside the question under way."""

    async def respond(
        self, text: str, history: Sequence[str] = (), shown: Sequence[Place] = (), *, server: int | None = None
    ) -> Response:
        found = await super().respond(text, history, shown, server=server)
        _heard.get().answers.append(found.answer)
        return found


class _Errors(logging.Handler):
    """Hears what the error door logs: every error that no sentence is meant for."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info is not None and record.exc_info[1] is not None:
            _heard.get().errors.append(record.exc_info[1])


def hostile_library(data: Path, encoder: Any, *more: str) -> Library:
    """Build a library whose own words are as hostile as the questions are."""
    rng = random.Random(0)
    pings = "\n\n".join(
        f"The metaverse is {rng.choice(PIECES)} and the Internet was {rng.choice(PIECES)} {rng.choice(PIECES)} of it."
        for _ in range(300)
    )
    texts = [pings, _ESSAY, *more]
    name = build_texts(data, *map(_storable, texts), encoder=encoder, aliases={"metasverse": "metaverse"}).generation
    return Library(load(data, name), encoder)


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def essay_library() -> tuple[Path, Library]:
    """Open the essay that ships with the real model."""
    settings = essay_settings()
    return settings.data, open_library(settings)


def run(count: int, seed: int, *, real: bool = False, together: int = 32) -> Tally:
    """Ask so many hostile questions: of the essay with the real model, or of a hostile library with the fake one."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        if real:
            data, library = essay_library()
        else:
            library = hostile_library(data, FakeEncoder(), *_essay_texts())
        return asyncio.run(_run(data, library, texts(count, seed), together, "the real model" if real else "the fake"))


def _essay_texts() -> list[str]:
    from bot.libraries.rebuild import SEEDS
    from index.documents.document import read_sources

    return [found.text for found in read_sources([SEEDS])[0]]


async def _run(data: Path, library: Library, questions: Sequence[str], together: int, kind: str) -> Tally:
    tally = Tally()
    async with _handler(data, library) as handler:
        for first in range(0, len(questions), together):
            some = questions[first : first + together]
            began = time.process_time()
            heard = await asyncio.gather(*(_asked(handler, text, first + n) for n, text in enumerate(some)))
            cpu_s = time.process_time() - began
            tally.count(f"questions, {kind}", len(some))
            for each in heard:
                _judge(tally, each, library)
            if cpu_s < HANG_S:
                tally.took(cpu_s / len(some), ("one of", len(some), some[0]))
                continue
            # One of them took long, or all of them a little: alone each shows what it takes.
            for number, text in enumerate(some):
                began = time.process_time()
                await _asked(handler, text, first + number)
                tally.took(time.process_time() - began, text)
    return tally


@asynccontextmanager
async def _handler(data: Path, library: Library) -> AsyncIterator[AskHandler]:
    settings = Settings(_env_file=None, data=data)
    tutor = _KeptTutor(settings, load=lambda: library)
    tutor.start()
    services = SimpleNamespace(
        engine=tutor,
        quotas=Quotas(settings),
        in_flight=InFlight(),
        events=EventBus(),
        conversations=Conversations(timedelta(minutes=15)),
        now=lambda: _NOW,
        quiz_sessions=SimpleNamespace(asked_about=_about_all),
    )
    try:
        await tutor.renew()  # which waits for the library
        with _listening():
            yield AskHandler(cast("TutorClient", SimpleNamespace(services=services)))
    finally:
        await tutor.close()


async def _about_all(server: int | None, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Have every button laid out."""
    return (*quotes,)


@contextmanager
def _listening() -> Iterator[None]:
    logger, handler = logging.getLogger("bot.ui.error_handler"), _Errors(logging.ERROR)
    logger.addHandler(handler)
    propagates, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagates


async def _asked(handler: AskHandler, text: str, number: int) -> _Heard:
    """Ask as one of some people, who have asked before; in private, so that nothing is counted."""
    text = surrogates_of_json(text)
    heard = _Heard(text)
    _heard.set(heard)
    try:
        key = ConversationKey(number % _PEOPLE, 1, private=True) if number % 5 else None
        await handler.reply(_Surface(heard, shows_question=number % 2 == 0), handler.read(text, number, None), key)
    except Exception as error:
        heard.errors.append(error)
    return heard


def _judge(tally: Tally, heard: _Heard, library: Library) -> None:
    quotes = [quote for found in heard.answers for quote in (*found.quotes, *found.more)]
    for error in heard.errors:
        tally.crashed(error, heard.text)
    if not heard.views and not heard.errors:
        tally.crashes.append(f"nothing was said to {shown(heard.text)}")
    sources = {source.id: source.text for source in library.generation.texts.documents}
    for quote in quotes:
        if quote.text != sources[quote.document][quote.start : quote.end]:
            tally.altered.append(f"{shown(quote.text)} is not {quote.document}[{quote.start}:{quote.end}]")
    for view in heard.views:
        try:
            look(tally, view, heard.text, quotes)
        except Exception as error:
            tally.crashed(error, heard.text)
