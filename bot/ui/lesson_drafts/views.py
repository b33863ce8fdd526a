"""Layouts of a planned lesson: its chapters, or the points of one chapter with their quotes and questions."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.learning.lesson_drafts import PlanNote, PlanReview
from bot.quiz.lesson_plan import Chapter, LessonPoint
from bot.ui import text
from bot.ui.limits import MAX_OPTION, MAX_TEXT
from bot.ui.notice import Accent, Item, button_row, first_fitting, framed, text_item
from bot.ui.persistent import BaseButton, BaseSelect, ShownButton, ShownSelect
from prompts import words

# The version tells whether a plan was changed since a maintainer saw it.
PLAN_PATTERN = r"(?P<lesson>[a-z0-9-]{1,20}):(?P<version>[0-9a-f]{12})"
CHAPTER_PATTERN = PLAN_PATTERN + r":(?P<chapter>[a-z0-9-]{1,40})"

_STYLES = {
    "approve": discord.ButtonStyle.success,
    "again": discord.ButtonStyle.secondary,
    "delete": discord.ButtonStyle.danger,
    "back": discord.ButtonStyle.secondary,
}
_CHAPTER_ACTS = ("open", "up", "drop")
_POINT_ACTS = ("up", "drop")
_QUOTE_LIMITS = (600, 300, 150, 80)
_MAX_TITLE = 90
_MARGIN = 100


def plan_button(act: str, lesson: str, version: str, *, disabled: bool = False) -> BaseButton:
    """Return the button that does `act` to this version of a plan."""
    label, custom_id = words(f"library.lesson.button.{act}"), f"plan:v1:{act}:{lesson}:{version}"
    return discord.ui.Button(label=label, style=_STYLES[act], custom_id=custom_id, disabled=disabled)


def plan_view(review: PlanReview) -> discord.ui.LayoutView:
    """Lay out a plan: the points of its chapter, or all chapters."""
    return _overview(review) if review.chapter is None else _chapter(review, review.chapter)


def _overview(review: PlanReview) -> discord.ui.LayoutView:
    plan, version = review.plan, review.version
    missing = sum(not point.items for point in plan.points)
    title = text.inline(plan.title, _MAX_TITLE)
    head = words("library.lesson.head", title=title, chapters=len(plan.chapters), points=len(plan.points))
    rows = [_row(number, chapter) for number, chapter in enumerate(plan.chapters, 1)]
    state = "taught" if review.is_taught else "replaces" if review.was_approved else "draft"
    below = [
        words("library.lesson.missing", missing=missing, points=len(plan.points)) if missing else "",
        words(f"library.lesson.state.{state}"),
    ]
    titles = [(chapter.id, text.shorten(chapter.title, MAX_OPTION)) for chapter in plan.chapters]
    menus = [_menu("chapter", act, f"{plan.id}:{version}", titles) for act in _CHAPTER_ACTS] if titles else []
    buttons = [
        ShownButton(plan_button(act, plan.id, version, disabled=act == "approve" and (review.is_taught or not rows)))
        for act in ("approve", "again", "delete")
    ]
    most = MAX_TEXT - _MARGIN - sum(map(len, (head, *below, *_notes(review))))
    body = first_fitting(rows, most) or [words("library.lesson.nothing_left")]
    return framed(
        _accent(review),
        text_item(*_notes(review), head),
        text_item(*body),
        text_item(*below),
        discord.ui.Separator(),
        *menus,
        *button_row(*buttons),
    )


def _chapter(review: PlanReview, chapter: Chapter) -> discord.ui.LayoutView:
    key = f"{review.plan.id}:{review.version}"
    head = words("library.lesson.chapter", title=text.inline(chapter.title, _MAX_TITLE), points=len(chapter.points))
    most = MAX_TEXT - _MARGIN - sum(map(len, (head, *_notes(review))))
    numbered = [*enumerate(chapter.points, 1)]
    points = next(
        (
            shown
            for limit in _QUOTE_LIMITS
            if sum(map(len, shown := [_point(number, point, limit) for number, point in numbered])) <= most
        ),
        first_fitting([_point(number, point, _QUOTE_LIMITS[-1]) for number, point in numbered], most),
    )
    options = [
        (point.id, text.shorten(f"{number}. {' '.join(point.quote.split())}", MAX_OPTION)) for number, point in numbered
    ]
    return framed(
        _accent(review),
        text_item(*_notes(review), head),
        *map(text_item, points),
        discord.ui.Separator(),
        *(_menu("point", act, f"{key}:{chapter.id}", options) for act in _POINT_ACTS),
        *button_row(ShownButton(plan_button("back", review.plan.id, review.version))),
    )


def _row(number: int, chapter: Chapter) -> str:
    asked = sum(bool(point.items) for point in chapter.points)
    title = text.inline(chapter.title, _MAX_TITLE)
    return words("library.lesson.row", number=number, title=title, points=len(chapter.points), asked=asked)


def _point(number: int, point: LessonPoint, limit: int) -> str:
    quote = text.block_quote(text.shorten(" ".join(point.quote.split()), limit))
    questions = len(point.items) + bool(point.guess)
    return f"{words('library.lesson.point', number=number, questions=questions)}\n{quote}"


def _menu(part: str, act: str, key: str, options: Sequence[tuple[str, str]]) -> Item:
    """Return the row of a menu that does `act` to the chosen chapter or point."""
    menu: BaseSelect = discord.ui.Select(
        custom_id=f"plan:v1:{part}:{act}:{key}",
        placeholder=words(f"library.lesson.{part}_menu.{act}"),
        options=[discord.SelectOption(label=label, value=value) for value, label in options],
    )
    return discord.ui.ActionRow(ShownSelect(menu))


def _notes(review: PlanReview) -> list[str]:
    return [] if review.note is None else [words(f"library.lesson.note.{review.note.value}")]


def _accent(review: PlanReview) -> Accent:
    if review.note in (PlanNote.CHANGED, PlanNote.EMPTY):
        return Accent.TROUBLE
    return Accent.ANSWER if review.is_taught else Accent.FRIENDLY
