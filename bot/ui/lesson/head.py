"""What questions and other steps of a lesson have in common: where it is, and the point in plain words."""

from __future__ import annotations

from bot.learning.views import LessonPlace
from bot.ui import text
from bot.ui.lesson.map import progress_bar
from bot.ui.notice import Item, text_item
from prompts import words

_MAX_TITLE = 60
_MAX_PLAIN = 300


def head(place: LessonPlace) -> list[Item]:
    """Return one text with the lesson, the chapter and how much is done."""
    lines = [
        words(
            "lesson.head",
            title=text.inline(place.title, _MAX_TITLE),
            chapter=text.inline(place.chapter, _MAX_TITLE),
            bar=progress_bar(place.done, place.points),
            done=place.done,
            points=place.points,
        )
    ]
    if place.changed:
        lines.append(words("lesson.changed"))
    if place.is_resumed:
        lines.append(words("lesson.resumed"))
    return [text_item(*lines)]


def plain(place: LessonPlace) -> list[Item]:
    """Return the plain words of a point, where there are some."""
    if not place.plain:
        return []
    return [text_item(words("lesson.plain", plain=text.inline(place.plain, _MAX_PLAIN)))]
