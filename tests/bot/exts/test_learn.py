"""Lessons in the simulated Discord, with the real store, the real model and the essay's lesson."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

import bot.learning.lesson_plans
import bot.plots.progress
from bot.errors import LessonError, QuizError
from bot.quiz.lesson_log import LessonKind
from bot.quiz.lesson_plan import LessonPlan, Lessons, read_lessons
from bot.store.schema import answers, lesson_steps, lessons
from tests.bot.conftest import Stage, labels, refused, texts
from tests.bot.student import Student

pytestmark = [pytest.mark.asyncio, pytest.mark.model]

GUESS, READ, QUESTION = LessonKind.GUESS, LessonKind.READ, LessonKind.QUESTION


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> LessonPlan:
    """Teach the first two points of the essay's first chapter alone."""
    [plan] = read_lessons().plans
    first = replace(plan.chapters[0], points=plan.chapters[0].points[1:3])
    plan = replace(plan, chapters=(first,))
    monkeypatch.setattr(bot.learning.lesson_plans, "read_lessons", lambda: Lessons((plan,)))
    return plan


async def count(stage: Stage, table: Any) -> int:
    async with stage.bot.services.store.reading() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def learning(stage: Stage, **options: Any) -> Student:
    return await Student(stage, stage.alice).learn(**options)


async def test_a_whole_lesson(quiz_stage: Stage, short: LessonPlan) -> None:
    """A wrong guess is followed by the words and a question; a right one by the next point; then the end."""
    result = await quiz_stage.alice.slash(quiz_stage.channel, "learn")
    assert result.ephemeral
    student = await learning(quiz_stage)
    assert "First, a guess" in student.screen
    assert "Hint" not in student.labels
    await student.answer(right=False)
    assert "that is fine" in student.screen
    await student.onward()
    assert short.points[0].quote in student.screen.replace("\\", "")
    assert short.points[0].plain in student.screen
    await student.onward()
    await student.answer(right=True)
    assert "✅ Right" in student.screen
    await student.onward()
    assert "1 of 2 points" in student.screen
    assert (await student.take_step(right=True)).kind is GUESS
    assert "In your own words" in student.screen
    await student.answer(right=True)
    await student.onward()
    assert "You are through" in student.screen
    assert "**2** points solid" in student.screen or "every point" in student.screen
    assert "Come back" in student.screen
    assert "Ask me what is due" in student.labels
    assert await count(quiz_stage, answers) == 4


async def test_it_goes_on_after_a_restart_and_after_weeks(quiz_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The button under the old step works, and `/learn` shows the step where the person stopped."""
    student = await learning(quiz_stage)
    await student.press("I do not know yet")
    assert "In the author's words" in student.screen
    await quiz_stage.restart()
    await quiz_stage.env.settle()
    await student.onward()
    assert "What do you remember?" in student.screen
    cache, later = quiz_stage.bot.services.quiz_sessions.cache, quiz_stage.bot.services.now() + timedelta(days=21)
    with monkeypatch.context() as weeks:
        weeks.setattr(cache, "_now", lambda: later)
        assert await cache.delete_untouched() == 0
    again = await learning(quiz_stage)
    assert "Welcome back" in again.screen
    assert "What do you remember?" in again.screen
    await again.answer(right=True)
    returned = await learning(quiz_stage)
    assert "First, a guess" in returned.screen  # what was answered is not shown again
    assert await count(quiz_stage, lessons) == 1


async def test_two_devices_at_once_double_nothing(quiz_stage: Stage) -> None:
    """An old step shows the current one, whatever is pressed under it, and nothing is stored for it."""
    here = await learning(quiz_stage)
    there = await learning(quiz_stage)
    await here.press("I do not know yet")
    await there.press("A")
    assert "In the author's words" in there.screen
    await here.onward()
    assert (await here.shown()).kind is QUESTION
    stored, lesson = await count(quiz_stage, answers), (await here.lesson()).id
    onward = quiz_stage.bot.services.lessons.onward
    await asyncio.gather(*(onward(lesson, position, quiz_stage.alice.id) for position in (0, 1, 1, 2, 2)))
    assert await count(quiz_stage, lesson_steps) == 3
    await here.answer(right=True)
    await asyncio.gather(*(onward(lesson, 2, quiz_stage.alice.id) for _ in range(5)))
    assert await count(quiz_stage, lesson_steps) == 4
    assert await count(quiz_stage, answers) == stored + 1
    with pytest.raises(QuizError):
        await onward(lesson, 3, quiz_stage.bob.id)


async def test_a_changed_library_goes_on_with_what_is_left(
    quiz_stage: Stage, short: LessonPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so once; a step whose words are gone can be left; a lesson of which nothing is left ends kindly."""
    student = await learning(quiz_stage)
    await student.press("I do not know yet")
    second = replace(short, chapters=(replace(short.chapters[0], points=short.points[1:]),))
    plans = quiz_stage.bot.services.lesson_plans

    async def of(_: int | None, left: tuple[LessonPlan, ...] = (second,)) -> tuple[LessonPlan, ...]:
        return left

    monkeypatch.setattr(plans, "of", of)
    lesson = (await student.lesson()).id
    current = await quiz_stage.bot.services.lessons.current(lesson, quiz_stage.alice.id)
    assert current.quote is None
    await student.press("Ask me about it")
    assert "The library was changed" in student.screen
    assert "First, a guess" in student.screen
    await student.take_step(right=True)
    assert "The library was changed" not in student.screen

    async def nothing(_: int | None) -> tuple[LessonPlan, ...]:
        return ()

    monkeypatch.setattr(plans, "of", nothing)
    with pytest.raises(LessonError, match="Nothing is left"):
        await quiz_stage.bot.services.lessons.current(lesson, quiz_stage.alice.id)
    refusal = await quiz_stage.alice.slash(quiz_stage.channel, "learn")
    assert refused(quiz_stage) in texts(refusal.response)


async def test_teach_me_offers_the_lesson(quiz_stage: Stage) -> None:
    """The outline stays, and a button under it begins the lesson in private."""
    await quiz_stage.alice.send(quiz_stage.channel, f"{quiz_stage.mention} teach me")
    await quiz_stage.env.settle()
    outline = quiz_stage.replies[-1]
    assert "Main points here" in labels(outline)
    result = await quiz_stage.alice.click(outline, label="Start the lesson")
    assert "First, a guess" in texts(result.response)
    assert result.ephemeral


async def test_a_thread_of_ones_own(quiz_stage: Stage) -> None:
    """The lesson stands in a thread, where its person goes on; also after more than one step."""
    said = await learning(quiz_stage, thread=True)
    assert "Your lesson is in" in said.screen
    [thread] = quiz_stage.channel.threads
    student = Student(quiz_stage, quiz_stage.alice)
    student.message = thread.history()[-1]
    assert "First, a guess" in student.screen
    await student.press("I do not know yet")
    student.message = thread.history()[-1]
    assert "In the author's words" in student.screen


async def test_progress_shows_the_map(quiz_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A square for each point, and a button that goes on with the lesson."""
    monkeypatch.setattr(bot.plots.progress, "draw_progress", lambda *_: b"a picture")
    student = await learning(quiz_stage)
    await student.take_step(right=True)
    result = await quiz_stage.alice.slash(quiz_stage.channel, "progress")
    assert "🟩⬜" in texts(result.response)
    assert "1 of 2" in texts(result.response)
    onward = await quiz_stage.alice.click(result.response, label="Go on where it is weakest")
    assert "Welcome back" in texts(onward.response)
