"""The layout of /progress: the picture, and the same facts as text."""

from __future__ import annotations

from collections.abc import Mapping

import discord

from bot.learning.views import LessonMap
from bot.quiz.mastery import CURVE_DAYS, SOON_DAYS, AxisProgress, Progress
from bot.ui import text
from bot.ui.lesson import controls
from bot.ui.lesson.map import map_lines
from bot.ui.notice import Accent, Item, framed, text_item
from prompts import words

PICTURE = "progress.png"

_MAX_TITLE = 60
_MAX_AXES = 12


def progress_view(progress: Progress, axes: Mapping[str, str], lesson: LessonMap | None) -> discord.ui.LayoutView:
    """Lay out the facts and the map of the lesson (None: there is none).

    The message must have the picture of bot/plots/progress.py as an attachment named PICTURE.
    """
    alt = words(
        "progress.alt",
        remembered=round(progress.remembered[0]),
        items=progress.items,
        streak=progress.streak_days,
    )
    gallery = discord.ui.MediaGallery[discord.ui.LayoutView](
        discord.MediaGalleryItem(f"attachment://{PICTURE}", description=alt)
    )
    return framed(
        Accent.FRIENDLY,
        discord.ui.TextDisplay(words("progress.lead")),
        gallery,
        discord.ui.TextDisplay(facts(progress, axes)),
        *(_lesson(lesson) if lesson is not None else []),
    )


def _lesson(lesson: LessonMap) -> list[Item]:
    head = words("lesson.map.head", title=text.inline(lesson.title, _MAX_TITLE))
    label = words("lesson.button.weakest" if lesson.is_begun else "lesson.button.start")
    return [
        discord.ui.Separator(),
        text_item(head, *map_lines(lesson.chapters)),
        discord.ui.ActionRow(controls.go(label)),
    ]


def facts(progress: Progress, axes: Mapping[str, str]) -> str:
    """Return all facts of the picture as text; `axes` are the titles of the axes by key."""
    if not progress.seen:
        summary = words("progress.empty")
    else:
        summary = words(
            "progress.summary",
            remembered=round(progress.remembered[0]),
            items=progress.items,
            days=CURVE_DAYS,
            later=round(progress.remembered[-1]),
        )
    shown = progress.axes[:_MAX_AXES]
    lines = [summary, *(_axis(axis, axes.get(axis.axis, axis.axis)) for axis in shown)]
    if len(shown) < len(progress.axes):
        lines.append(words("progress.others", count=len(progress.axes) - len(shown)))
    lines += [
        "",
        words("progress.due", now=progress.due_now, soon=progress.due_within_week, days=SOON_DAYS),
        words("progress.streak", streak=progress.streak_days, longest=progress.longest_streak_days),
        words("progress.legend"),
    ]
    return "\n".join(lines)


def _axis(axis: AxisProgress, title: str) -> str:
    return words(
        "progress.axis",
        title=text.inline(title, _MAX_TITLE),
        percent=round(100 * axis.mastery),
        seen=axis.seen,
        items=axis.items,
        answers=axis.answers,
        accuracy=None if axis.accuracy is None else round(100 * axis.accuracy),
    )
