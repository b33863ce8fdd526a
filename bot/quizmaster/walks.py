"""People's sessions: each press is one transaction, committed before its result is shown to anybody."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from bot.errors import OutdatedButton, QuizError
from bot.quiz.grading import Grade, Verdict
from bot.quiz.items import Item, Kind
from bot.quiz.schedule import rating_of, review
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
from bot.quizmaster.deck import Cards, Deck
from bot.quizmaster.reading import open_step, own_session, shown, shown_again, step_of, summary
from bot.quizmaster.shown import Shown, Summary
from bot.source import Place
from bot.store import servers
from bot.store import sessions as stored
from bot.store.database import Connection, Store

_ABOUT_QUOTES = 3
_SELF_JUDGED = frozenset({0.0, 0.5, 1.0})


class Grader(Protocol):
    """What the sessions ask of the tutor."""

    async def grade(self, question: str, points: tuple[str, ...], answer: str) -> Grade: ...


class Walks:
    """Starts sessions and takes them one press further; who presses must be whose session it is."""

    def __init__(
        self, store: Store, deck: Deck, grader: Grader, *, now: Callable[[], datetime], rng: random.Random
    ) -> None:
        self._store = store
        self._deck = deck
        self._grader = grader
        self._now = now
        self._rng = rng

    async def start(
        self, person: int, guild: int | None, *, number: int, axis: str | None = None, difficulty: int | None = None
    ) -> Shown:
        """Begin a session of what is due and what is new; raises QuizError when nothing fits."""
        cards = await self._deck.cards()
        fitting = [
            item for item in cards.bank.items if axis in (None, item.axis) and difficulty in (None, item.difficulty)
        ]
        return await self._begin(person, guild, cards, fitting, number)

    async def start_due(self, person: int, guild: int | None, number: int) -> Shown:
        """Begin a session of what is due; raises QuizError, with when to come back, when nothing is."""
        cards, now = await self._deck.cards(), self._now()
        async with self._store.reading() as connection:
            memories = await stored.all_memories(connection, person)
        known = {item: memory.due for item, memory in memories.items() if item in cards.bank.by_id}
        due = [cards.bank.by_id[item] for item, at in known.items() if at <= now]
        if not due:
            later = min(known.values(), default=None)
            raise QuizError("nothing_due_yet") if later is None else QuizError("nothing_due", when=_relative(later))
        return await self._begin(person, guild, cards, due, number)

    async def start_about(self, person: int, guild: int | None, places: Sequence[Place]) -> Shown:
        """Begin a session on what was just quoted; raises QuizError when no item is about it."""
        cards = await self._deck.cards()
        return await self._begin(person, guild, cards, cards.about(places), _ABOUT_QUOTES, nothing="nothing_about")

    async def show(self, session: int, position: int, person: int) -> Shown | Summary:
        """Show a step again or go on to it; behind the last one stands the summary."""
        cards = await self._deck.cards()
        async with self._store.reading() as connection:
            found = await own_session(connection, session, person)
            if position >= len(found.steps):
                return await summary(connection, found, cards)
            return await shown(connection, found, position, cards)

    async def pick(self, session: int, position: int, shown_as: int, person: int) -> Shown:
        """Choose an option by its place on the screen; what was submitted stays."""
        cards = await self._deck.cards()
        async with self._store.writing() as connection:
            _, step = await open_step(connection, session, position, person, self._now())
            if step.submitted is None:
                if shown_as >= len(step.options):
                    raise OutdatedButton
                await stored.set_picked(connection, session, position, step.options[shown_as])
            return await shown_again(connection, session, position, cards)

    async def hint(self, session: int, position: int, rung: int, person: int) -> Shown:
        """Uncover the source up to a rung; asking for the same rung twice costs once."""
        cards = await self._deck.cards()
        async with self._store.writing() as connection:
            found, step = await open_step(connection, session, position, person, self._now())
            if found.round is not None:
                raise QuizError("no_hints")
            if step.submitted is None and step.hints < rung <= MOST_HINTS:
                await stored.set_hints(connection, session, position, rung)
            return await shown_again(connection, session, position, cards)

    async def submit(self, session: int, position: int, person: int) -> Shown:
        """Submit what was picked; a second time changes nothing. Raises QuizError when nothing was picked."""
        cards = await self._deck.cards()
        async with self._store.writing() as connection:
            found, step = await open_step(connection, session, position, person, self._now())
            item = cards.item(step.item, step.version)
            if step.submitted is None and item is not None:
                if step.picked is None:
                    raise QuizError("nothing_picked")
                score = score_of(item, step.picked, step.hints)
                await self._settle(connection, found, step, item, option=step.picked, score=score)
            return await shown_again(connection, session, position, cards)

    async def write(self, session: int, position: int, text: str, person: int) -> Shown:
        """Grade a free answer and submit it, unless the grader is unsure: then the learner judges."""
        if not any(character.isalnum() for character in text):
            raise QuizError("wordless")
        cards = await self._deck.cards()
        item = await self._free_item(session, position, person, cards)
        grade = await self._grader.grade(item.question, item.points, text)
        graded = FreeResult(
            None if grade.verdict is Verdict.UNSURE else grade.score,
            tuple(PointResult(point.sentence, point.hit) for point in grade.points),
        )
        async with self._store.writing() as connection:
            found, step = await open_step(connection, session, position, person, self._now())
            if step.submitted is None:
                await stored.set_graded(connection, session, position, graded)
                if graded.score is not None:
                    score = after_hints(graded.score, step.hints)
                    await self._settle(connection, found, step, item, option=-1, score=score)
            return await shown_again(connection, session, position, cards)

    async def judge(self, session: int, position: int, score: float, person: int) -> Shown:
        """Submit the learner's own judgement of an answer that the grader was unsure of."""
        if score not in _SELF_JUDGED:
            raise OutdatedButton
        cards = await self._deck.cards()
        async with self._store.writing() as connection:
            found, step = await open_step(connection, session, position, person, self._now())
            item = cards.item(step.item, step.version)
            if step.submitted is None and step.graded is not None and item is not None:
                await self._settle(connection, found, step, item, option=-1, score=after_hints(score, step.hints))
            return await shown_again(connection, session, position, cards)

    async def dispute(self, session: int, position: int, complaint: str, person: int) -> None:
        """Write down what a person finds wrong with the item of a step of theirs."""
        async with self._store.writing() as connection:
            found = await own_session(connection, session, person)
            await servers.dispute(
                connection,
                person=person,
                guild=found.guild,
                item=step_of(found, position).item,
                complaint=complaint,
                now=self._now(),
            )

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
            memories = await stored.all_memories(connection, person)
            chosen = choose(
                [item for item in items if item.id not in out], memories, number=number, now=now, rng=self._rng
            )
            if not chosen:
                raise QuizError(nothing if cards.bank.items else "no_items")
            laid_out = plan(chosen, self._rng)
            session = await stored.create(connection, person=person, guild=guild, laid_out=laid_out, now=now)
            return await shown(connection, session, 0, cards)

    async def _settle(
        self, connection: Connection, session: Session, step: Step, item: Item, *, option: int, score: float
    ) -> None:
        """Write an answer, what it says of the person's memory, and the step in which a failed item comes back."""
        now = self._now()
        await stored.submit(connection, session, step, item.axis, Submitted(option, score, step.hints, now))
        before = await stored.memory(connection, session.person, item.id)
        await stored.keep(connection, session.person, item.id, review(before, rating_of(score, step.hints), now))
        back = returning(session, step.position, item, self._rng) if score < PASSED_FROM else None
        if back is not None:
            await stored.add_step(connection, session.id, back)

    async def _free_item(self, session: int, position: int, person: int, cards: Cards) -> Item:
        async with self._store.reading() as connection:
            _, step = await open_step(connection, session, position, person, self._now())
        item = cards.item(step.item, step.version)
        if item is None or item.kind is not Kind.FREE:
            raise OutdatedButton
        return item


def _relative(moment: datetime) -> str:
    return f"<t:{int(moment.timestamp())}:R>"
