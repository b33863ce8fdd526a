"""A tutor with the face of the real one and no model: for slow loading, failures and texts no essay holds."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bot.answering.turn import Response
from bot.conversation.acts import Act
from bot.libraries.source_text import Context, DocumentStatus, LibraryStatus, Place, Removed, Verification
from index.answering.answer import Answer, Outcome, Quote
from index.errors import LibraryError
from index.generations.texts import Texts

GENERATION = "0123456789ab"
DOCUMENT = "script.txt"
TITLE = "A scripted text"
TEXT = """The first paragraph opens the text. It is short.

Clay remembers the hand that shaped it. Glass forgets the fire at once. Both break when they fall.

The last paragraph closes the text."""


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def quote(text: str, *, source: str = TEXT, score: float = 0.9, side: str | None = None, **changes: object) -> Quote:
    """Return a quote of words in the source; `changes` replace fields."""
    start = source.index(text)
    fields: dict[str, object] = {
        "text": text,
        "generation": GENERATION,
        "document": DOCUMENT,
        "title": TITLE,
        "start": start,
        "end": start + len(text),
        "sha256": sha256(text),
        "score": score,
        "paragraph": source.count("\n\n", 0, start) + 1,
        "heading": "",
        "side": side,
    }
    return Quote(**{**fields, **changes})  # type: ignore[arg-type]


CLAY = quote("Clay remembers the hand that shaped it.")
GLASS = quote("Glass forgets the fire at once.", score=0.25)
BREAK = quote("Both break when they fall.", score=0.2)


def answer(
    question: str = "What does clay remember?",
    *,
    understood: str | None = None,
    outcome: Outcome = Outcome.ANSWER,
    quotes: Sequence[Quote] = (CLAY, GLASS),
    more: Sequence[Quote] = (BREAK,),
    sides: tuple[str, str] | None = None,
) -> Answer:
    return Answer(question, understood or question, outcome, 0.9, tuple(quotes), tuple(more), (), sides, GENERATION)


class ScriptedTutor:
    """Answers what it is told to; `wake` ends its loading, `fault` is raised by the next question."""

    def __init__(self, *, text: str = TEXT, asleep: bool = False) -> None:
        self.text = text
        self.reply: Callable[[str, Sequence[str]], Answer] = lambda question, history: answer(question)
        self.fault: Exception | None = None
        """Raised by the next question, and what the tutor says is wrong with its library while it is not ready."""
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self.started = self.closed = False
        self._awake = asyncio.Event()
        if not asleep:
            self._awake.set()

    @property
    def ready(self) -> bool:
        return self._awake.is_set()

    @property
    def waiting(self) -> int:
        return 0

    def start(self) -> None:
        self.started = True

    async def finish(self, within_s: float) -> None:
        """Leave what is under way to the bot, which gives it up in the end."""

    def wake(self) -> None:
        self._awake.set()

    async def respond(
        self, text: str, history: Sequence[str] = (), shown: Sequence[Place] = (), *, server: int | None = None
    ) -> Response:
        return Response(Act.QUESTION, await self.ask(text, history, server=server))

    async def ask(self, question: str, history: Sequence[str] = (), *, server: int | None = None) -> Answer:
        self.asked.append((question, tuple(history)))
        await self._awake.wait()
        if self.fault is not None:
            raise self.fault
        return self.reply(question, history)

    async def document_ids(self, generation: str, *, server: int | None = None) -> tuple[str, ...]:
        if generation != GENERATION:
            raise LibraryError("The library was rebuilt since; ask again.")
        return (DOCUMENT,)

    async def texts(self, *, server: int | None = None) -> Texts:
        raise LibraryError("No quiz asks about a script.")

    async def removed(self, document: str, *, server: int | None = None) -> Removed | None:
        return None

    async def was_live(self, generation: str, *, server: int | None = None) -> bool:
        return False

    async def quotes(self, places: Sequence[Place], *, server: int | None = None) -> list[Quote]:
        self._check(places)
        return [quote(self.text[place.start : place.end], source=self.text) for place in places]

    async def context(self, place: Place, *, server: int | None = None) -> Context:
        self._check([place])
        before, shown, after = "", self.text, ""
        start = 0
        paragraphs = self.text.split("\n\n")
        for number, paragraph in enumerate(paragraphs):
            if start <= place.start < start + len(paragraph):
                before = paragraphs[number - 1] if number else ""
                after = paragraphs[number + 1] if number + 1 < len(paragraphs) else ""
                shown = paragraph
                break
            start += len(paragraph) + 2
        return Context(TITLE, DOCUMENT, "", number + 1, before, shown, after, place.start - start, place.end - start)

    async def verify(self, place: Place, sha256: str, *, server: int | None = None) -> Verification:
        self._check([place])
        text = self.text[place.start : place.end]
        found = globals()["sha256"](text)
        whole = globals()["sha256"](self.text)
        return Verification(
            DOCUMENT, TITLE, place.start, place.end, text, sha256, found, whole, found.startswith(sha256)
        )

    async def library_status(self, *, server: int | None = None) -> LibraryStatus:
        document = DocumentStatus(DOCUMENT, TITLE, 3, len(self.text), sha256(self.text))
        return LibraryStatus(GENERATION, datetime(2026, 1, 1, tzinfo=UTC), "scripted", 384, 3, (document,))

    async def close(self) -> None:
        self.closed = True

    def _check(self, places: Sequence[Place]) -> None:
        if any(place.generation != GENERATION for place in places):
            raise LibraryError("The library was rebuilt since; ask again.")
