"""People's sessions: each press is one transaction, committed before its result is shown to anybody."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.errors import OutdatedButton, QuizError
from bot.learning.deck import Cards, Deck
from bot.learning.queries import open_step, own_session, shown, step_of, summary
from bot.learning.views import Shown, Summary
from bot.libraries.source_text import Place
from bot.observability.events import Observe, Quizzed, unobserved
from bot.quiz.grading import Grade, Verdict
from bot.quiz.items import Item, ItemKind
from bot.quiz.schedule import Memory, rating_of, review
from bot.quiz.session import (
    MOST_HINTS,
    PASSED_FROM,
    FreeResult,
    PointResult,
    Session,
    Step,
    Submitted,
    after_hints,
    choose,
    plan,
    returning,
    score_of,
)
from bot.store import servers
from bot.store import sessions as stored
from bot.store.cache import WriteThroughCache
from bot.store.database import Connection, Store
from index.answering.answer import Quote

_ABOUT_QUOTES = 3
_SELF_JUDGED = frozenset({0.0, 0.5, 1.0})


class Grader(Protocol):
    """What the sessions ask of the tutor."""

    async def grade(
        self, question: str, points: tuple[str, ...], answer: str, *, server: int | None = None
    ) -> Grade: ...


@dataclass(slots=True)
class _Change:
    """One press under way: the session as it will be once this transaction is committed."""

    connection: Connection
    session: Session
    step: Step
    memories: Mapping[str, Memory] | None = None
    scored: float | None = None

    async def to(self, step: Step) -> None:
        """Change what the step has come to before it is submitted."""
        await stored.change(self.connection, self.session.id, step)
        self.session, self.step = self.session.with_step(step), step


class QuizSessions:
    """Starts sessions and takes them one press further; who presses must be whose session it is."""

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
        self._store = store
        self._deck = deck
        self._grader = grader
        self._now = now
        self._rng = rng
        self._observe = observe
        self._sessions: WriteThroughCache[int, Session] = WriteThroughCache()
        self._memories: WriteThroughCache[int, Mapping[str, Memory]] = WriteThroughCache()

    async def start(
        self, person: int, guild: int | None, *, number: int, axis: str | None = None, difficulty: int | None = None
    ) -> Shown:
        """Begin a session of what is due and what is new; raises QuizError when nothing fits."""
        cards = await self._deck.cards(guild)
        fitting = [
            item for item in cards.bank.items if axis in (None, item.axis) and difficulty in (None, item.difficulty)
        ]
        return await self._begin(person, guild, cards, fitting, number)

    async def start_due(self, person: int, guild: int | None, number: int) -> Shown:
        """Begin a session of what is due; raises QuizError, with when to come back, when nothing is."""
        cards, now = await self._deck.cards(guild), self._now()
        async with self._store.reading() as connection:
            memories = await self._remembered(connection, person)
        known = {item: memory.due for item, memory in memories.items() if item in cards.bank.by_id}
        due = [cards.bank.by_id[item] for item, at in known.items() if at <= now]
        if not due:
            later = min(known.values(), default=None)
            raise QuizError("nothing_due_yet") if later is None else QuizError("nothing_due", when=_relative(later))
        return await self._begin(person, guild, cards, due, number)

    async def start_about(self, person: int, guild: int | None, places: Sequence[Place]) -> Shown:
        """Begin a session on what was just quoted; raises QuizError when no item is about it."""
        cards = await self._deck.cards(guild)
        return await self._begin(person, guild, cards, cards.about(places), _ABOUT_QUOTES, nothing="nothing_about")

    async def find(self, session: int) -> Session:
        """Give a session, whoever's it is; raises QuizError when it is no longer kept."""
        found = self._sessions.get(session)
        if found is None:
            async with self._store.reading() as connection:
                found = await stored.load(connection, session)
        if found is None:
            raise QuizError("gone")
        return found

    async def asked_about(self, guild: int | None, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
        """Give those of these quotes about whose passages something can be asked in a server."""
        cards = await self._deck.cards(guild)
        known = [(quote, items) for quote in quotes if (items := cards.beside(quote.document, quote.paragraph))]
        if not known:
            return ()
        async with self._store.reading() as connection:
            out = await servers.retired_items(connection, guild)
        return tuple(quote for quote, items in known if any(item.id not in out for item in items))

    async def show(self, session: int, position: int, person: int) -> Shown | Summary:
        """Show a step again or go on to it; behind the last one stands the summary."""
        found = own_session(await self.find(session), person)
        cards = await self._deck.cards(found.guild)
        async with self._store.reading() as connection:
            if position >= len(found.steps):
                return await summary(connection, found, cards)
            return await shown(connection, found, position, cards)

    async def pick(self, session: int, position: int, shown_as: int, person: int) -> Shown:
        """Choose an option by its place on the screen; what was submitted stays."""
        async with self._changing(session, position, person) as change:
            if change.step.submitted is None:
                if shown_as >= len(change.step.options):
                    raise OutdatedButton
                await change.to(replace(change.step, picked=change.step.options[shown_as]))
            return await self._shown(change)

    async def hint(self, session: int, position: int, rung: int, person: int) -> Shown:
        """Uncover the source up to a rung; asking for the same rung twice costs once."""
        async with self._changing(session, position, person) as change:
            if change.session.round is not None:
                raise QuizError("no_hints")
            if change.step.submitted is None and change.step.hints < rung <= MOST_HINTS:
                await change.to(replace(change.step, hints=rung))
            return await self._shown(change)

    async def submit(self, session: int, position: int, person: int) -> Shown:
        """Submit what was picked; a second time changes nothing. Raises QuizError when nothing was picked."""
        async with self._changing(session, position, person) as change:
            item = await self._item(change.session, change.step)
            if change.step.submitted is None and item is not None:
                if change.step.picked is None:
                    raise QuizError("nothing_picked")
                score = score_of(item, change.step.picked, change.step.hints)
                await self._settle(change, item, option=change.step.picked, score=score)
            return await self._shown(change)

    async def write(self, session: int, position: int, text: str, person: int) -> Shown:
        """Grade a free answer and submit it, unless the grader is unsure: then the learner judges."""
        if not any(character.isalnum() for character in text):
            raise QuizError("wordless")
        found = own_session(await self.find(session), person)
        item = await self._item(found, step_of(found, position))
        if item is None or item.kind is not ItemKind.FREE:
            raise OutdatedButton
        graded = _result(await self._grader.grade(item.question, item.points, text, server=found.guild))
        async with self._changing(session, position, person) as change:
            if change.step.submitted is None:
                await change.to(replace(change.step, graded=graded))
                if graded.score is not None:
                    score = after_hints(graded.score, change.step.hints)
                    await self._settle(change, item, option=-1, score=score)
            return await self._shown(change)

    async def judge(self, session: int, position: int, score: float, person: int) -> Shown:
        """Submit the learner's own judgement of an answer that the grader was unsure of."""
        if score not in _SELF_JUDGED:
            raise OutdatedButton
        async with self._changing(session, position, person) as change:
            item = await self._item(change.session, change.step)
            if change.step.submitted is None and change.step.graded is not None and item is not None:
                await self._settle(change, item, option=-1, score=after_hints(score, change.step.hints))
            return await self._shown(change)

    async def dispute(self, session: int, position: int, complaint: str, person: int) -> None:
        """Write down what a person finds wrong with the item of a step of theirs."""
        async with self._store.writing() as connection:
            found = own_session(await self._kept(connection, session), person)
            await servers.dispute(
                connection,
                person=person,
                guild=found.guild,
                item=step_of(found, position).item,
                complaint=complaint,
                now=self._now(),
            )

    def forget(self, person: int) -> None:
        """Forget what is at hand of a person, once the store has forgotten them."""
        self._sessions.drop_all(lambda _, session: session.person == person)
        self._memories.drop(person)

    def drop(self, sessions: Collection[int]) -> None:
        """Drop sessions from the cache, once the store has deleted them."""
        self._sessions.drop_all(lambda session, _: session in sessions)

    async def _begin(
        self,
        person: int,
        guild: int | None,
        cards: Cards,
        items: Sequence[Item],
        number: int,
        nothing: str = "nothing_fits",
    ) -> Shown:
        now = self._now()
        async with self._store.writing() as connection:
            out = await servers.retired_items(connection, guild)
            memories = await self._remembered(connection, person)
            chosen = choose(
                [item for item in items if item.id not in out], memories, number=number, now=now, rng=self._rng
            )
            if not chosen:
                raise QuizError(nothing if cards.bank.items else "no_items")
            laid_out = plan(chosen, self._rng)
            session = await stored.create(connection, person=person, guild=guild, laid_out=laid_out, now=now)
            first = await shown(connection, session, 0, cards)
        self._sessions.put(session.id, session)
        self._memories.put(person, memories)
        return first

    @asynccontextmanager
    async def _changing(self, session: int, position: int, person: int) -> AsyncIterator[_Change]:
        """Open a press of somebody on a step of theirs; what it changed is known here once it is committed."""
        async with self._store.writing() as connection:
            found = own_session(await self._kept(connection, session), person)
            change = _Change(connection, found, await open_step(connection, found, position, self._now()))
            yield change
        self._sessions.put(session, change.session)
        if change.memories is not None:
            self._memories.put(person, change.memories)
        if change.scored is not None:
            self._observe(Quizzed(change.scored))

    async def _settle(self, change: _Change, item: Item, *, option: int, score: float) -> None:
        """Write an answer, with what it says of the person's memory, and the step in which a failed item comes back."""
        connection, session, now = change.connection, change.session, self._now()
        memories = await self._remembered(connection, session.person)
        memory = review(memories.get(item.id), rating_of(score, change.step.hints), now)
        change.step = replace(change.step, submitted=Submitted(option, score, change.step.hints, now, memory))
        await stored.submit(connection, session, change.step, item.axis)
        change.session = session.with_step(change.step)
        change.memories = {**memories, item.id: memory}
        change.scored = score
        back = returning(change.session, change.step.position, item, self._rng) if score < PASSED_FROM else None
        if back is not None:
            await stored.add_step(connection, session.id, back)
            change.session = change.session.with_step(back)

    async def _kept(self, connection: Connection, session: int) -> Session | None:
        found = self._sessions.get(session)
        return found if found is not None else await stored.load(connection, session)

    async def _remembered(self, connection: Connection, person: int) -> Mapping[str, Memory]:
        found = self._memories.get(person)
        return found if found is not None else await stored.memories(connection, person)

    async def _item(self, session: Session, step: Step) -> Item | None:
        return (await self._deck.dealt(session.guild)).item(step.item, step.version)

    async def _shown(self, change: _Change) -> Shown:
        cards = await self._deck.dealt(change.session.guild)
        return await shown(change.connection, change.session, change.step.position, cards)


def _result(grade: Grade) -> FreeResult:
    score = None if grade.verdict is Verdict.UNSURE else grade.score
    return FreeResult(score, tuple(PointResult(point.sentence, point.hit) for point in grade.points))


def _relative(moment: datetime) -> str:
    return f"<t:{int(moment.timestamp())}:R>"
