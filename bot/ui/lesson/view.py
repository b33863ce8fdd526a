"""Layouts of a lesson: the author's words, two sides, the end; its questions look like those of a quiz."""

from __future__ import annotations

import discord

from bot.learning.views import Facing, LessonEnd, LessonPlace, LessonShown
from bot.ui import text
from bot.ui.lesson import controls
from bot.ui.lesson.head import head, plain
from bot.ui.lesson.map import counts, map_lines
from bot.ui.notice import Accent, button_row, framed, text_item
from bot.ui.notice import Item as LayoutItem
from bot.ui.quiz.step import step_view
from bot.ui.quotes import context_section, quote_item, quote_texts
from prompts import words

_MAX_CLAIM = 250


def lesson_view(shown: LessonShown, written: str = "") -> discord.ui.LayoutView:
    """Lay out the step that a lesson shows; `written` is the learner's free answer, which is not stored."""
    place = shown.place
    if shown.question is not None:
        return step_view(shown.question, written)
    if shown.ending is not None:
        return _end(place, shown.ending)
    if shown.facing is not None and shown.facing.sides:
        return _contrast(place, shown.facing)
    if shown.quote is None:
        onward = controls.onward(place, words("lesson.button.next"))
        return framed(Accent.NOT_COVERED, *head(place), text_item(words("lesson.gone")), *button_row(onward))
    return framed(
        Accent.ANSWER,
        *head(place),
        text_item(words("lesson.read")),
        quote_item(shown.quote),
        *plain(place),
        *button_row(controls.onward(place, words("lesson.button.ask" if place.asks_next else "lesson.button.next"))),
    )


def _contrast(place: LessonPlace, facing: Facing) -> discord.ui.LayoutView:
    items: list[LayoutItem] = []
    for side, claim, quote in facing.sides:
        block, source = quote_texts(quote)
        lead = words("quiz.compare.side", side=text.inline(side), claim=text.inline(claim, _MAX_CLAIM))
        items += [discord.ui.Separator(), context_section(quote, f"{lead}\n{block}", source)]
    return framed(
        Accent.ANSWER,
        *head(place),
        text_item(words("lesson.contrast", about=text.inline(facing.about))),
        *items,
        *button_row(controls.onward(place, words("lesson.button.next"))),
    )


def _end(place: LessonPlace, ending: LessonEnd) -> discord.ui.LayoutView:
    head_line = words("lesson.end.head", title=text.inline(place.title))
    again = controls.go(words("lesson.button.again"), discord.ButtonStyle.secondary)
    if ending.comes_back is None:
        return framed(Accent.FRIENDLY, text_item(head_line, words("lesson.end.only_read")), *button_row(again))
    number = counts(ending.chapters)
    all_solid = number["solid"] == place.points
    return framed(
        Accent.FRIENDLY,
        text_item(head_line, words("lesson.end.all_solid") if all_solid else words("lesson.end.counts", **number)),
        text_item(*map_lines(ending.chapters)),
        text_item(words("lesson.end.due", when=discord.utils.format_dt(ending.comes_back, "R"))),
        *button_row(controls.due(), again),
    )
