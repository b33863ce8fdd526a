"""Every step of a lesson fits into a Discord message, and the map shows each point."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.learning.views import Facing, LessonEnd, LessonMap, LessonPlace, LessonShown, Shown
from bot.quiz.items import ItemKind
from bot.quiz.lesson import ChapterStrength, Strength
from bot.quiz.lesson_log import LessonKind
from bot.quiz.mastery import progress
from bot.quiz.schedule import Memory
from bot.quiz.session import FreeResult, PointResult, Step, Submitted
from bot.ui.lesson.map import map_lines, progress_bar
from bot.ui.lesson.view import lesson_view
from bot.ui.progress import progress_view
from tests.bot.quiz.made_up import NOW, item
from tests.bot.scripted import quote
from tests.bot.ui.test_layouts import shown

MEMORY = Memory(2, None, 3.0, 5.0, NOW, NOW)
PLACE = LessonPlace(
    session=2**53,
    position=999_999,
    kind=LessonKind.QUESTION,
    title="t " * 50,
    chapter="c " * 50,
    done=10,
    points=10_000,
    plain="p " * 150,
    reads_next=True,
    asks_next=True,
    returns=True,
    changed=True,
    is_resumed=True,
)


WORDS = [(start + "q " * 400)[:600] for start in "abc"]
QUOTES = tuple(quote(each, source=" ".join(WORDS), title="t " * 100, heading="h " * 100) for each in WORDS)


def question(kind: ItemKind, lesson: LessonKind, *, answered: bool) -> LessonShown:
    """Return the longest question there can be."""
    asked = item(
        "long",
        kind,
        question="w " * 200,
        options=tuple(f"{n} " * 100 for n in range(5)) if kind is not ItemKind.FREE else (),
        quote=QUOTES[0].text,
        why="y " * 150,
        points=tuple(each.text for each in QUOTES) if kind is ItemKind.FREE else (),
    )
    submitted = Submitted(1 if asked.options else -1, 0.0, 4, NOW, MEMORY) if answered else None
    points = tuple(PointResult(each.text, hit=False) for each in QUOTES)
    graded = FreeResult(0.0, points) if kind is ItemKind.FREE and answered else None
    step = Step(9, "long", "v1", tuple(range(len(asked.options))), True, hints=4, graded=graded, submitted=submitted)
    place = replace(PLACE, kind=lesson)
    quotes = QUOTES if kind is ItemKind.FREE else QUOTES[:1]
    due = NOW if answered else None
    return LessonShown(
        place=place,
        question=Shown(1, step, 10, asked, "x " * 50, quotes, None, due, False, False, True, place),
        quote=None,
        facing=None,
        ending=None,
    )


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize(
    ("kind", "lesson"),
    [
        (ItemKind.CHOICE, LessonKind.GUESS),
        (ItemKind.CHOICE, LessonKind.QUESTION),
        (ItemKind.GAP, LessonKind.QUESTION),
        (ItemKind.FREE, LessonKind.QUESTION),
        (ItemKind.FREE, LessonKind.EXPLAIN),
    ],
)
def test_the_longest_question_fits(kind: ItemKind, lesson: LessonKind, answered: bool) -> None:
    """With every hint, a long answer and the head of the lesson above it."""
    assert shown(lesson_view(question(kind, lesson, answered=answered), "z " * 2000))


def test_the_other_steps_fit() -> None:
    """The longest words, sides and chapters; a step whose words are gone."""
    none = LessonShown(PLACE, None, None, None, None)
    assert "is gone" in shown(lesson_view(none))
    assert shown(lesson_view(replace(none, quote=QUOTES[0])))
    sides = tuple((f"side {n}" * 10, "claim " * 40, QUOTES[n]) for n in range(2))
    assert shown(lesson_view(replace(none, facing=Facing("about " * 20, sides))))
    chapters = tuple(ChapterStrength(str(n), "chapter " * 12, (Strength.SOLID,) * 300) for n in range(200))
    assert "and 188 more" in shown(lesson_view(replace(none, ending=LessonEnd(chapters, NOW))))
    axes = {f"axis{n}": "title " * 30 for n in range(30)}
    facts = progress([], {}, {axis: ["item"] for axis in axes}, datetime(2026, 1, 1, tzinfo=UTC))
    assert "and 188 more" in shown(progress_view(facts, axes, LessonMap("title " * 20, chapters, is_begun=True)))


def test_a_lesson_that_is_only_read_promises_no_questions() -> None:
    """Without an answer there is nothing to come back for."""
    chapters = (ChapterStrength("one", "One", (Strength.NOT_YET,)),)
    view = lesson_view(LessonShown(PLACE, None, None, None, LessonEnd(chapters, None)))
    assert "no questions" in shown(view)
    assert "Come back" not in shown(view)


def test_the_map_has_a_square_for_each_point() -> None:
    """In their order; of many points a share. A bar is full only at the end."""
    points = (Strength.SOLID, Strength.NOT_YET, Strength.FADING)
    assert map_lines([ChapterStrength("one", "One", points)])[0] == "🟩⬜🟨 One · 1 of 3"
    many = (*[Strength.NOT_YET] * 60, *[Strength.SOLID] * 60)
    assert map_lines([ChapterStrength("one", "One", many)])[0].startswith("🟩🟩🟩🟩🟩🟩⬜⬜⬜⬜⬜⬜ ")
    assert progress_bar(99, 100) == "▰" * 9 + "▱"
    assert progress_bar(100, 100) == "▰" * 10
