"""Changes of a lesson plan by its maintainers: chapters and points are moved up or dropped."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from bot.quiz.lesson_plan import Chapter, LessonPlan, LessonPoint

_PartT = TypeVar("_PartT", bound=Chapter | LessonPoint)


class PlanChange(StrEnum):
    """What is done to a chapter or a point."""

    UP = "up"
    DROP = "drop"


def change_chapter(plan: LessonPlan, chapter: str, change: PlanChange) -> LessonPlan:
    """Return the plan with a chapter moved before the one before it, or dropped; unchanged where it has none."""
    return replace(plan, chapters=_changed(plan.chapters, chapter, change))


def change_point(plan: LessonPlan, point: str, change: PlanChange) -> LessonPlan:
    """Return the plan with a point moved up inside its chapter, or dropped, with the chapter if it was the last."""
    chapters = (replace(chapter, points=_changed(chapter.points, point, change)) for chapter in plan.chapters)
    return replace(plan, chapters=tuple(chapter for chapter in chapters if chapter.points))


def _changed(parts: tuple[_PartT, ...], id: str, change: PlanChange) -> tuple[_PartT, ...]:
    place = next((number for number, part in enumerate(parts) if part.id == id), None)
    if place is None:
        return parts
    others = [*parts[:place], *parts[place + 1 :]]
    if change is PlanChange.UP:
        others.insert(max(place - 1, 0), parts[place])
    return tuple(others)
