"""A plan is changed part by part, and what is not there changes nothing."""

from __future__ import annotations

from bot.quiz.lesson_edit import PlanChange, change_chapter, change_point
from bot.quiz.lesson_plan import Chapter, LessonPlan, LessonPoint

ONE = Chapter("one", "One", (LessonPoint("a", "A."), LessonPoint("b", "B.")))
TWO = Chapter("two", "Two", (LessonPoint("c", "C."),))
PLAN = LessonPlan("plan", "Plan", (ONE, TWO))


def ids(plan: LessonPlan) -> str:
    """Return the points in order, chapters apart."""
    return " ".join("".join(point.id for point in chapter.points) for chapter in plan.chapters)


def test_chapters_and_points_are_moved_and_dropped() -> None:
    """A point stays in its chapter; the first stays first; a chapter goes with its last point."""
    up, drop = PlanChange.UP, PlanChange.DROP
    assert [ids(change_chapter(PLAN, id, up)) for id in ("one", "two", "x")] == ["ab c", "c ab", "ab c"]
    assert [ids(change_chapter(PLAN, id, drop)) for id in ("one", "two", "x")] == ["c", "ab", "ab c"]
    assert [ids(change_point(PLAN, id, up)) for id in "abcx"] == ["ab c", "ba c", "ab c", "ab c"]
    assert [ids(change_point(PLAN, id, drop)) for id in "abcx"] == ["b c", "a c", "ab", "ab c"]
