"""How well a person knows each point of a lesson, as text: a bar of squares for each chapter."""

from __future__ import annotations

from collections.abc import Sequence

from bot.quiz.lesson import ChapterStrength, Strength
from bot.ui import text
from prompts import words

_SQUARES = {Strength.SOLID: "🟩", Strength.FADING: "🟨", Strength.NOT_YET: "⬜"}
_MOST_SQUARES = 12
_MOST_CHAPTERS = 12
_MAX_TITLE = 60
_BAR = 10


def map_lines(chapters: Sequence[ChapterStrength]) -> list[str]:
    """Return one line for each chapter and the legend."""
    lines = [
        words(
            "lesson.map.chapter",
            bar=_bar(chapter.points),
            title=text.inline(chapter.title, _MAX_TITLE),
            solid=chapter.points.count(Strength.SOLID),
            points=len(chapter.points),
        )
        for chapter in chapters[:_MOST_CHAPTERS]
    ]
    if len(chapters) > _MOST_CHAPTERS:
        lines.append(words("lesson.map.others", count=len(chapters) - _MOST_CHAPTERS))
    return [*lines, words("lesson.map.legend")]


def progress_bar(done: int, points: int) -> str:
    """Return a bar of ten places, full only when everything is done."""
    full = _BAR * done // points if points else 0
    return "▰" * full + "▱" * (_BAR - full)


def counts(chapters: Sequence[ChapterStrength]) -> dict[str, int]:
    """Return how many points have each strength, by its name."""
    points = [strength for chapter in chapters for strength in chapter.points]
    return {strength.value: points.count(strength) for strength in Strength}


def _bar(points: Sequence[Strength]) -> str:
    """Return a square for each point; of many points a share of the squares."""
    if len(points) > _MOST_SQUARES:
        # In the order solid, fading, not yet: the places of single points cannot be shown.
        ordered = sorted(points, key=list(Strength).index)
        points = [ordered[number * len(ordered) // _MOST_SQUARES] for number in range(_MOST_SQUARES)]
    return "".join(_SQUARES[strength] for strength in points)
