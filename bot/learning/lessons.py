"""Lessons of people: where one is, and its next step. Its questions are answered through bot/learning/sessions.py."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.errors import LessonError
from bot.learning.deck import Cards, Deck
from bot.learning.lesson_plans import LessonPlans
from bot.learning.queries import own_session, shown_step
from bot.learning.session_cache import SessionCache
from bot.learning.views import Facing, LessonEnd, LessonMap, LessonPlace, LessonShown
from bot.quiz.lesson import Lesson
from bot.quiz.lesson_log import LessonKind, LessonStep
from bot.quiz.lesson_plan import LessonPlan
from bot.quiz.schedule import Memory
from bot.quiz.session import Session, another
from bot.store import lessons as stored
from bot.store import servers
from bot.store import sessions as stored_sessions
from bot.store.database import Connection, Store


@dataclass(frozen=True, slots=True)
class _Moment:
    """What a step is computed from: all of one person and one moment."""

    plan: LessonPlan
    cards: Cards
    memories: Mapping[str, Memory]
    retired: frozenset[str]
    now: datetime

    def lesson(self, session: Session | None = None) -> Lesson:
        items = self.cards.bank.by_id.keys() - self.retired
        return Lesson(self.plan, self.memories, self.now, session=session, items=items)


class Lessons:
    """Begins lessons and goes on with them; each step is committed before it is shown."""

    def __init__(
        self,
        store: Store,
        deck: Deck,
        plans: LessonPlans,
        cache: SessionCache,
        *,
        now: Callable[[], datetime],
        rng: random.Random,
    ) -> None:
        """Use the cache of the quiz sessions: a lesson is one of them."""
        self._store = store
        self._deck = deck
        self._plans = plans
        self._cache = cache
        self._now = now
        self._rng = rng

    async def offered(self, guild: int | None) -> tuple[LessonPlan, ...]:
        """Return the lessons that a server can take, the one to begin with first."""
        await self._deck.cards(guild)
        return await self._plans.of(guild)

    async def start(self, person: int, guild: int | None, lesson: str | None = None) -> LessonShown:
        """Return the step at which a person's unfinished lesson is, or begin one (any, if `lesson` is None).

        Raises LessonError when the server has no such lesson.
        """
        cards = await self._deck.cards(guild)
        plans = {plan.id: plan for plan in await self._plans.of(guild) if lesson in (None, plan.id)}
        if not plans:
            raise LessonError("none" if lesson is None else "unknown")
        async with self._store.writing(person=person) as connection:
            await self._store.coordination.refuse_forgotten(connection, person)
            found = await stored.unfinished(connection, person, guild, plans)
            session = None if found is None else await self._cache.session(connection, found)
            if session is None or session.lesson is None:
                moment = await self._moment(connection, person, guild, next(iter(plans.values())), cards)
                session = await self._begin(connection, person, guild, moment)
                is_resumed = False
            else:
                moment = await self._moment(connection, person, guild, plans[session.lesson.lesson], cards)
                is_resumed = True
                if self._is_over(session, moment):
                    session = await self._advance(connection, session, moment)
        self._cache.put(session, moment.memories)
        return _shown(session, moment, is_resumed=is_resumed)

    async def onward(self, session: int, position: int, person: int) -> LessonShown:
        """Go on from a step; from one that is not the newest, only return the newest. Nothing is doubled."""
        guild = (await self._find(session, person)).guild
        cards = await self._deck.cards(guild)
        await self._plans.of(guild)  # may wait for the library, which a transaction must not
        async with self._store.writing(person=person) as connection:
            found = own_session(await self._cache.session(connection, session), person)
            moment = await self._moment(connection, person, guild, await self._plan(found), cards)
            log = found.lesson
            if log is not None and position == log.current.position and self._may_leave(found, moment):
                found = await self._advance(connection, found, moment)
        self._cache.put(found, moment.memories)
        return _shown(found, moment)

    async def current(self, session: int, person: int) -> LessonShown:
        """Return the step that a lesson shows now."""
        found = await self._find(session, person)
        plan, cards = await self._plan(found), await self._deck.dealt(found.guild)
        async with self._store.reading() as connection:
            memories = await self._cache.memories(connection, person)
        return _shown(found, _Moment(plan, cards, memories, frozenset(), self._now()))

    async def map(self, person: int, guild: int | None) -> LessonMap | None:
        """Return how well a person knows each point of the lesson that they take or would begin with; None: none."""
        cards = await self._deck.cards(guild)
        plans = {plan.id: plan for plan in await self._plans.of(guild)}
        if not plans:
            return None
        async with self._store.reading() as connection:
            found = await stored.unfinished(connection, person, guild, plans)
            session = None if found is None else await self._cache.session(connection, found)
            plan = next(iter(plans.values()))
            if session is not None and session.lesson is not None:
                plan = plans[session.lesson.lesson]
            moment = await self._moment(connection, person, guild, plan, cards)
        return LessonMap(plan.title, moment.lesson().strengths(), is_begun=session is not None)

    async def _find(self, session: int, person: int) -> Session:
        found = None if self._store.coordination.is_shared else self._cache.cached(session)
        if found is None:
            async with self._store.reading() as connection:
                found = await self._cache.session(connection, session)
        return own_session(found, person)

    async def _plan(self, session: Session) -> LessonPlan:
        """Return the plan of a lesson as it is now; raises LessonError when the library bears out nothing of it."""
        plans = await self._plans.of(session.guild)
        found = next((plan for plan in plans if session.lesson is not None and plan.id == session.lesson.lesson), None)
        if found is None:
            raise LessonError("gone")
        return found

    async def _moment(
        self, connection: Connection, person: int, guild: int | None, plan: LessonPlan, cards: Cards
    ) -> _Moment:
        retired = frozenset(await servers.retired_items(connection, guild)) if guild is not None else frozenset()
        memories = await self._cache.memories(connection, person)
        return _Moment(plan, cards, memories, retired, self._now())

    async def _begin(self, connection: Connection, person: int, guild: int | None, moment: _Moment) -> Session:
        made = await stored_sessions.create(connection, person=person, guild=guild, laid_out=(), now=moment.now)
        return await self._advance(connection, await stored.begin(connection, made, moment.plan), moment)

    async def _advance(self, connection: Connection, session: Session, moment: _Moment) -> Session:
        """Store the next step of a lesson, with its question in the session."""
        log, found = session.lesson, moment.lesson(session).next_step()
        assert log is not None
        version, asked = moment.plan.version, None
        if found.item:
            question = another(session, moment.cards.bank.by_id[found.item], self._rng)
            question = replace(question, hints=found.hints, again=found.again)
            await stored_sessions.add_step(connection, session.id, question)
            session, asked = session.with_step(question), question.position
        changed = version != log.version
        step = LessonStep(len(log.steps), found.kind, found.point, asked, changed, moment.now)
        return await stored.go_on(connection, session, version, step)

    @staticmethod
    def _may_leave(session: Session, moment: _Moment) -> bool:
        """Return whether the current step can be left: a question only when it is answered or taken out."""
        assert session.lesson is not None
        step = session.lesson.current
        if step.kind is LessonKind.END:
            return False
        if step.kind is not LessonKind.QUESTION or step.asked is None:
            return True
        asked = session.steps[step.asked]
        return asked.submitted is not None or moment.cards.item(asked.item, asked.version) is None

    def _is_over(self, session: Session, moment: _Moment) -> bool:
        """Return whether nothing of the current step is left to do: it is answered, or its words are gone."""
        assert session.lesson is not None
        step = session.lesson.current
        if step.asked is None:
            return step.kind is not LessonKind.END and step.point not in {each.id for each in moment.plan.points}
        asked = session.steps[step.asked]
        return asked.submitted is not None or moment.cards.item(asked.item, asked.version) is None


def _shown(session: Session, moment: _Moment, *, is_resumed: bool = False) -> LessonShown:
    """Gather what a screen shows of the current step."""
    log, plan, cards, lesson = session.lesson, moment.plan, moment.cards, moment.lesson(session)
    assert log is not None
    step = log.current
    chapter = next((each for each in plan.chapters if any(point.id == step.point for point in each.points)), None)
    point = next((each for each in plan.points if each.id == step.point), None)
    following = lesson.follows(point) if point is not None else None
    place = LessonPlace(
        session=session.id,
        position=step.position,
        kind=step.kind,
        title=plan.title,
        chapter=chapter.title if chapter is not None else "",
        done=sum(map(lesson.is_done, plan.points)),
        points=len(plan.points),
        plain=point.plain if point is not None else "",
        reads_next=following is LessonKind.READ,
        asks_next=following is LessonKind.QUESTION,
        returns=point is not None and not lesson.is_done(point),
        changed=step.changed,
        is_resumed=is_resumed,
    )
    question = None
    if step.asked is not None:
        question = replace(shown_step(session, step.asked, cards, secret=False), lesson=place)
    ending = None
    if step.kind is LessonKind.END:
        ending = LessonEnd(lesson.strengths(), lesson.comes_back())
    return LessonShown(
        place=place,
        question=question,
        quote=cards.quote(point.quote) if point is not None and step.kind is LessonKind.READ else None,
        facing=_facing(cards, point.contrast) if point is not None and step.kind is LessonKind.CONTRAST else None,
        ending=ending,
    )


def _facing(cards: Cards, contrast: str) -> Facing | None:
    """Return what the sides of a contrast say; None when the library bears it out no longer."""
    found = next((each for each in cards.bank.contrasts if each.id == contrast), None)
    if found is None:
        return None
    sides = {side: cards.facing.get((contrast, side)) for side in found.claims}
    quotes = {side: quote for side, quote in sides.items() if quote is not None}
    return Facing(
        found.about, tuple((cards.bank.sides[side], found.claims[side].claim, quotes[side]) for side in quotes)
    )
