"""Kills a process in which people take lessons, at random moments, and looks at what is left of what it told them."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bot.errors import BotError
from bot.learning.approved import ApprovedItems
from bot.learning.deck import Deck
from bot.learning.lesson_plans import LessonPlans
from bot.learning.lessons import Lessons
from bot.learning.sessions import QuizSessions
from bot.learning.views import LessonShown
from bot.quiz.grading import Grade
from bot.quiz.lesson_log import LessonKind
from bot.quiz.lesson_plan import LessonPlan
from bot.store.database import Store
from bot.store.migrate import FILE
from index.generations.texts import Texts

_PEOPLE = 20


class OneLibrary:
    """The part of the engine that lessons need: the texts of one library; its deck and plans are made once."""

    def __init__(self, texts: Texts, store: Store) -> None:
        self._texts = texts
        # In private messages neither reads the store.
        self.deck = Deck(self, ApprovedItems(store))
        self.plans = LessonPlans(store, self.deck, self)

    async def texts(self, *, server: int | None = None) -> Texts:
        return self._texts

    async def lesson_outline(self, documents: Any = None, *, server: int | None = None) -> LessonPlan:
        raise NotImplementedError

    async def grade(self, question: str, points: tuple[str, ...], answer: str, *, server: int | None = None) -> Grade:
        raise NotImplementedError


@dataclass(slots=True)
class Bot:
    """The services of lessons, without Discord."""

    store: Store
    quizzes: QuizSessions
    lessons: Lessons

    @classmethod
    def over(cls, data: Path, library: OneLibrary, seed: int = 1) -> Bot:
        store, now, deck = Store(data), partial(datetime.now, UTC), library.deck
        quizzes = QuizSessions(store, deck, library, now=now, rng=random.Random(seed))
        rng = random.Random(seed)
        return cls(store, quizzes, Lessons(store, deck, library.plans, quizzes.cache, now=now, rng=rng))


@dataclass(slots=True)
class Kept:
    """What was found after the kills; `told` are the steps that people saw by lesson, with the steps answered."""

    told: dict[int, int] = field(default_factory=dict)
    answered: set[tuple[int, int]] = field(default_factory=set)
    lost: int = 0
    doubled: int = 0
    dead: int = 0
    steps: int = 0
    pressed: int = 0


def killed(data: Path, texts: Texts, kills: int, seed: int, longest_s: float = 0.4) -> Kept:
    """Let people take lessons, kill the process, look at the store, press all their buttons, and anew."""
    found, rng = Kept(), random.Random(seed)
    library = OneLibrary(texts, Store(data))
    asyncio.run(_prepared(data, library))
    for kill in range(kills):
        lines = _life(data, library, kill, rng.uniform(0.02, longest_s))
        for line in lines:
            what, lesson, position = line.split()
            if what == "step":
                found.told[int(lesson)] = max(int(position), found.told.get(int(lesson), 0))
            else:
                found.answered.add((int(lesson), int(position)))
        _look(data, found)
        asyncio.run(_press(data, library, found))
    return found


def _life(data: Path, library: OneLibrary, kill: int, lives_s: float) -> list[str]:
    """Fork a process that takes lessons; return the whole lines that it wrote before it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        asyncio.run(_take(data, library, kill, writing))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        first = told.readline()  # it has begun
        time.sleep(lives_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        rest = told.read()
    return [line.decode() for line in (first + rest).split(b"\n")[:-1]]


async def _take(data: Path, library: OneLibrary, kill: int, writing: int) -> None:
    """Take lessons as several people at once; a line is written when a press would have been answered."""
    bot = Bot.over(data, library, seed=kill)
    await asyncio.gather(*(_learner(bot, person, random.Random(kill * 100 + person), writing) for person in (1, 2, 3)))


async def _learner(bot: Bot, number: int, rng: random.Random, writing: int) -> None:
    while True:
        person = number * _PEOPLE + rng.randrange(_PEOPLE)
        shown = await bot.lessons.start(person, None)
        while shown.place.kind is not LessonKind.END:
            session = shown.place.session
            os.write(writing, f"step {session} {shown.place.position}\n".encode())
            if shown.question is not None and shown.question.step.options and rng.random() < 0.9:
                position = shown.question.step.position
                await bot.quizzes.pick(session, position, rng.randrange(2), person)
                await bot.quizzes.submit(session, position, person)
                os.write(writing, f"answer {session} {position}\n".encode())
            elif shown.place.kind is LessonKind.QUESTION:
                break
            shown = await bot.lessons.onward(session, shown.place.position, person)


def _look(data: Path, found: Kept) -> None:
    """Count what was told and is not stored, and what is stored twice or out of order."""
    with closing(sqlite3.connect(data / FILE)) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        last: Mapping[int, int] = dict(
            store.execute("SELECT session, max(position) FROM lesson_steps GROUP BY session")
        )
        answers = set(store.execute("SELECT session, position FROM answers"))
        gaps = "SELECT count(*) FROM lesson_steps GROUP BY session HAVING count(*) <> max(position) + 1"
        twice = "SELECT 1 FROM lesson_steps WHERE asked IS NOT NULL GROUP BY session, asked HAVING count(*) > 1"
        unasked = (
            "SELECT 1 FROM steps LEFT JOIN lesson_steps AS shown"
            " ON shown.session = steps.session AND shown.asked = steps.position WHERE shown.session IS NULL"
        )
        begun = "SELECT 1 FROM sessions JOIN lessons ON lessons.session = sessions.id WHERE ended_at IS NULL"
        begun += " GROUP BY person HAVING count(*) > 1"
        found.doubled += sum(len(store.execute(each).fetchall()) for each in (gaps, twice, unasked, begun))
        found.steps = sum(last.values()) + len(last)
    found.lost += sum(last.get(lesson, -1) < position for lesson, position in found.told.items())
    found.lost += len(found.answered - answers)


async def _press(data: Path, library: OneLibrary, found: Kept) -> None:
    """Press the buttons of every lesson again in a new run: the last step told, and an answer given twice."""
    bot = Bot.over(data, library)
    try:
        for session, position in [*found.told.items()][-5:]:
            person = (await bot.quizzes.find(session)).person
            found.pressed += 1
            try:
                current: LessonShown = await bot.lessons.current(session, person)
                if current.place.position < position:
                    found.dead += 1
                if current.question is not None and current.question.step.submitted is None:
                    asked = current.question.step.position
                    if current.question.step.options:
                        await bot.quizzes.pick(session, asked, 0, person)
                        await bot.quizzes.submit(session, asked, person)
                onward = await bot.lessons.onward(session, current.place.position, person)
                moved = onward.place.position == current.place.position + 1
                found.dead += not moved and current.place.kind is not LessonKind.END
            except BotError:
                found.dead += 1
    finally:
        await bot.store.close()


async def _prepared(data: Path, library: OneLibrary) -> None:
    await library.plans.of(None)
    store = Store(data)
    await store.open()
    await store.close()
