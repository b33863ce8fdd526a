"""Quiz sessions: each button press is one transaction, committed before its result is shown."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import OutdatedButton, QuizError
from bot.learning.deck import Deck
from bot.learning.queries import open_step, own_session, shown, step_of, summary
from bot.learning.session_cache import SessionCache
from bot.learning.views import Shown, Summary
from bot.libraries.source_text import Place
from bot.observability.events import Observe, Quizzed, unobserved
from bot.quiz import session as engine
from bot.quiz.grading import Grade, Verdict
from bot.quiz.items import Item, ItemKind
from bot.quiz.schedule import Memory, rating_of, review
from bot.quiz.session import FreeResult, PointResult, Session, Step, Submitted
from bot.store import servers
from bot.store import sessions as stored
from bot.store.database import Connection, Store
from index.answering.answer import Quote

_ABOUT_QUOTES = 3  # questions about an answer
_LATER = timedelta(microseconds=1)  # the answers of a person to an item have an order
_SELF_JUDGED = frozenset({0.0, 0.5, 1.0})


class Grader(Protocol):
    """The part of the answering engine that grades free answers."""

    async def grade(self, question: str, points: tuple[str, ...], answer: str, *, server: int | None = None) -> Grade:
        """Grade a free answer against the sentences it should cover."""


@dataclass(slots=True)
class _Change:
    """One press in progress: the session as it will be once this transaction is committed."""

    connection: Connection
    session: Session
    step: Step
    memories: Mapping[str, Memory] | None = None
    score: float | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the step can be answered."""
        return self.session.is_open(self.step.position)

    async def update(self, step: Step) -> None:
        """Change a step before it is submitted."""
        await stored.change(self.connection, self.session.id, step)
        self.session, self.step = self.session.with_step(step), step


class QuizSessions:
    """Starts sessions and applies presses. Raises QuizError for anybody but the session's own person."""

    def __init__(
        self,
        store: Store,
        deck: Deck,
        grader: Grader,
        *,
        now: Callable[[], datetime],
        rng: random.Random,
        observe: Observe = unobserved,
    ) -> None:
        self.cache = SessionCache(store, now=now)
        self._store = store
        self._deck = deck
        self._grader = grader
        self._now = now
        self._rng = rng
        self._observe = observe

    async def start(
        self, person: int, guild: int | None, *, number: int, axis: str | None = None, difficulty: int | None = None
    ) -> Shown:
        """Start a session of due and new items; raises QuizError when no item fits."""
        items = (await self._deck.cards(guild)).bank.items
        fitting = [item for item in items if axis in (None, item.axis) and difficulty in (None, item.difficulty)]
        return await self._start(person, guild, fitting, number)

    async def start_due(self, person: int, guild: int | None, number: int) -> Shown:
        """Start a session of due items; raises QuizError, which says when the next is due, when none is."""
        by_id, now = (await self._deck.cards(guild)).bank.by_id, self._now()
        async with self._store.reading() as connection:
            memories = await self.cache.memories(connection, person)
        known = {item: memory.due for item, memory in memories.items() if item in by_id}
        due = [by_id[item] for item, at in known.items() if at <= now]
        if not due:
            later = min(known.values(), default=None)
            if later is None:
                raise QuizError("nothing_due_yet")
            raise QuizError("nothing_due", when=f"<t:{int(later.timestamp())}:R>")
        return await self._start(person, guild, due, number)

    async def start_about(self, person: int, guild: int | None, places: Sequence[Place]) -> Shown:
        """Start a session on the paragraphs of an answer's quotes; raises QuizError when no item is about them."""
        items = (await self._deck.cards(guild)).about(places)
        return await self._start(person, guild, items, _ABOUT_QUOTES, nothing="nothing_about")

    async def find(self, session: int, *, steps: int = 0) -> Session:
        """Return whose session it is, and where; raises QuizError when it no longer exists.

        It has at least so many steps as they were at some time, if there are so many.
        """
        found = self.cache.cached(session)
        if found is None or (len(found.steps) < steps and self._store.coordination.is_shared):
            found = await self._current(session)
            self.cache.keep_owner(found)
        return found

    async def _current(self, session: int) -> Session:
        """Return anybody's session as it is now; raises QuizError when it no longer exists."""
        if not self._store.coordination.is_shared and (known := self.cache.cached(session)) is not None:
            return known
        async with self._store.reading() as connection:
            found = await self.cache.session(connection, session)
        if found is None:
            raise QuizError("gone")
        return found

    async def asked_about(self, guild: int | None, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
        """Return those of these quotes whose paragraphs have items that the server asks."""
        cards = await self._deck.cards(guild)
        known = [(quote, items) for quote in quotes if (items := cards.beside(quote.document, quote.paragraph))]
        if not known:
            return ()
        async with self._store.reading() as connection:
            retired = await servers.retired_items(connection, guild)
        return tuple(quote for quote, items in known if any(item.id not in retired for item in items))

    async def other_side(self, guild: int | None, quotes: Sequence[Quote]) -> tuple[str, Quote] | None:
        """Return what the table of contrasts sets against one of these quotes: (name of the side, sentence), or None.

        What one of the quotes contains already is not returned.
        """
        cards = await self._deck.cards(guild)
        shown = {key: any(_share_text(quote, each) for each in quotes) for key, quote in cards.facing.items()}
        touched = {contrast for (contrast, _), is_shown in shown.items() if is_shown}
        for (contrast, side), is_shown in shown.items():
            if contrast in touched and not is_shown:
                return cards.bank.sides[side], cards.sentence_around(cards.facing[contrast, side])
        return None

    async def show(self, session: int, position: int, person: int) -> Shown | Summary:
        """Return a step, or the summary for a position behind the last one."""
        found = own_session(await self._current(session), person)
        cards = await self._deck.cards(found.guild)
        async with self._store.reading() as connection:
            if position >= len(found.steps):
                return await summary(connection, found, cards)
            return await shown(connection, found, position, cards)

    async def pick(self, session: int, position: int, shown_as: int, person: int) -> Shown:
        """Choose an option by its place on the screen; a submitted step does not change."""
        async with self._changing(session, position, person) as change:
            if change.is_open:
                if shown_as >= len(change.step.options):
                    raise OutdatedButton
                await change.update(replace(change.step, picked=change.step.options[shown_as]))
            return await self._shown(change)

    async def hint(self, session: int, position: int, rung: int, person: int) -> Shown:
        """Show the source up to a rung of the hints; asking for the same rung twice costs once."""
        async with self._changing(session, position, person) as change:
            if change.session.round is not None:
                raise QuizError("no_hints")
            if change.is_open and change.step.hints < rung <= engine.MOST_HINTS:
                await change.update(replace(change.step, hints=rung))
            return await self._shown(change)

    async def submit(self, session: int, position: int, person: int) -> Shown:
        """Submit the picked option, once; raises QuizError when nothing is picked."""
        async with self._changing(session, position, person) as change:
            item = await self._item(change.session, change.step)
            if change.is_open and item is not None:
                if change.step.picked is None:
                    raise QuizError("nothing_picked")
                score = engine.score_of(item, change.step.picked, change.step.hints)
                await self._settle(change, item, option=change.step.picked, score=score)
            return await self._shown(change)

    async def write(self, session: int, position: int, text: str, person: int) -> Shown:
        """Grade a free answer and submit it, unless the grader is unsure: then the learner judges."""
        if not any(character.isalnum() for character in text):
            raise QuizError("wordless")
        found = own_session(await self._current(session), person)
        item = await self._item(found, step_of(found, position))
        if item is None or item.kind is not ItemKind.FREE:
            raise OutdatedButton
        grade = await self._grader.grade(item.question, item.points, text, server=found.guild)
        points = tuple(PointResult(point.sentence, point.hit) for point in grade.points)
        graded = FreeResult(None if grade.verdict is Verdict.UNSURE else grade.score, points)
        async with self._changing(session, position, person) as change:
            if change.is_open:
                await change.update(replace(change.step, graded=graded))
                if graded.score is not None:
                    score = engine.after_hints(graded.score, change.step.hints)
                    await self._settle(change, item, option=-1, score=score)
            return await self._shown(change)

    async def judge(self, session: int, position: int, score: float, person: int) -> Shown:
        """Submit the learner's own score for an answer that the grader was unsure of."""
        if score not in _SELF_JUDGED:
            raise OutdatedButton
        async with self._changing(session, position, person) as change:
            item = await self._item(change.session, change.step)
            if change.is_open and change.step.graded is not None and item is not None:
                await self._settle(change, item, option=-1, score=engine.after_hints(score, change.step.hints))
            return await self._shown(change)

    async def dispute(self, session: int, position: int, complaint: str, person: int) -> None:
        """Store a person's complaint about the item of a step."""
        async with self._store.writing(person=person) as connection:
            found = own_session(await self.cache.session(connection, session), person)
            item, now = step_of(found, position).item, self._now()
            await servers.dispute(connection, person=person, guild=found.guild, item=item, complaint=complaint, now=now)

    async def _start(
        self, person: int, guild: int | None, items: Sequence[Item], number: int, nothing: str = "nothing_fits"
    ) -> Shown:
        cards, now = await self._deck.dealt(guild), self._now()
        async with self._store.writing(person=person) as connection:
            await self._store.coordination.refuse_forgotten(connection, person)
            retired = await servers.retired_items(connection, guild)
            memories = await self.cache.memories(connection, person)
            fitting = [item for item in items if item.id not in retired]
            chosen = engine.choose(fitting, memories, number=number, now=now, rng=self._rng)
            if not chosen:
                raise QuizError(nothing if cards.bank.items else "no_items")
            steps = engine.plan(chosen, self._rng)
            session = await stored.create(connection, person=person, guild=guild, laid_out=steps, now=now)
            first = await shown(connection, session, 0, cards)
        self.cache.put(session, memories)
        return first

    @asynccontextmanager
    async def _changing(self, session: int, position: int, person: int) -> AsyncIterator[_Change]:
        """Open a press on a step of a person's own session; the cache learns the change once it is committed."""
        async with self._store.writing(person=person) as connection:
            found = own_session(await self.cache.session(connection, session), person)
            change = _Change(connection, found, await open_step(connection, found, position, self._now()))
            yield change
        self.cache.put(change.session, change.memories)
        if change.score is not None:
            self._observe(Quizzed(change.score))

    async def _settle(self, change: _Change, item: Item, *, option: int, score: float) -> None:
        """Store an answer, the person's memory after it, and the step in which a failed item comes back."""
        connection, session, now = change.connection, change.session, self._now()
        before = await self.cache.memory(connection, session.person, item.id)
        if before is not None and before.last_review is not None:
            now = max(now, before.last_review + _LATER)  # the clock of another process may be ahead
        memory = review(before, rating_of(score, change.step.hints), now)
        change.step = replace(change.step, submitted=Submitted(option, score, change.step.hints, now, memory))
        await stored.submit(connection, session, change.step, item.axis)
        change.session = session.with_step(change.step)
        change.memories = await self.cache.learned(connection, session.person, item.id, memory)
        change.score = score
        failed = score < engine.PASSED_FROM
        back = engine.returning(change.session, item, self._rng) if failed else None
        if back is not None:
            await stored.add_step(connection, session.id, back)
            change.session = change.session.with_step(back)

    async def _item(self, session: Session, step: Step) -> Item | None:
        return (await self._deck.dealt(session.guild)).item(step.item, step.version)

    async def _shown(self, change: _Change) -> Shown:
        cards = await self._deck.dealt(change.session.guild)
        return await shown(change.connection, change.session, change.step.position, cards)


def _share_text(one: Quote, other: Quote) -> bool:
    return one.document == other.document and one.start < other.end and other.start < one.end
