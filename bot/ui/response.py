"""Lays out responses to messages that are no questions: overviews, outlines, facts, further quotes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import discord

from bot.answering.turn import Response
from bot.conversation.acts import Act
from bot.ui import text
from bot.ui.answer_buttons import QuizMeButton, SectionButton
from bot.ui.lesson import controls
from bot.ui.notice import Accent, Item, button_row, framed, text_item
from bot.ui.quote_buttons import VerifyButton
from bot.ui.quotes import MAX_HEADING, MAX_TITLE, fitting, place_of, quote_items
from index.answering.answer import Quote
from index.answering.facts import DocumentFacts
from prompts import words

if TYPE_CHECKING:
    from bot.libraries.source_text import LibraryStatus

_MOST_ROWS = 10  # of an outline: each is a section with a button, and a message has 40 components
_MOST_DOCUMENTS = 5


def response_view(
    response: Response,
    quiz_quotes: Sequence[Quote] = (),
    status: LibraryStatus | None = None,
    *,
    has_lesson: bool = False,
) -> discord.ui.LayoutView:
    """Lay out a response; `quiz_quotes` are those that the quiz asks about, `status` is shown with the facts.

    `has_lesson`: there is a lesson about the library, which a button under an outline begins.
    """
    group, _, name = response.lead.partition(".")
    lead = words(f"conversation.{group}.{name}", **_values(response))
    if response.documents:
        return framed(
            Accent.FRIENDLY, text_item(lead), discord.ui.Separator(), text_item(*_facts(response.documents, status))
        )
    if response.outline:
        start = [*button_row(controls.start()), text_item(words("lesson.offer"))] if has_lesson else []
        return framed(Accent.FRIENDLY, text_item(lead), *_outline(response), *start)
    if not response.answer.quotes:
        return framed(Accent.NOT_COVERED, text_item(lead))
    shown = fitting([*response.answer.quotes, *(aside.quote for aside in response.asides)])
    labels = {
        place_of(aside.quote): words(f"conversation.aside.{aside.kind}", name=text.inline(aside.name, MAX_TITLE))
        for aside in response.asides
    }
    return framed(
        Accent.ANSWER if response.act in (Act.OVERVIEW, Act.MORE) else Accent.FRIENDLY,
        text_item(lead),
        *quote_items(shown, labels),
        *button_row(
            VerifyButton.for_quotes(shown), QuizMeButton.for_quotes([quote for quote in shown if quote in quiz_quotes])
        ),
    )


def _values(response: Response) -> dict[str, object]:
    """Return the values of the lead, with texts of documents and people made harmless."""
    values = {
        key: text.inline(value, MAX_HEADING) if isinstance(value, str) else value
        for key, value in response.values.items()
    }
    return {"example": words("ask.example"), **values}


def _outline(response: Response) -> list[Item]:
    items: list[Item] = []
    for row in response.outline[:_MOST_ROWS]:
        name = text.inline(row.name, MAX_TITLE) or words("conversation.outline.untitled")
        line = words("conversation.outline.row", name=name, words=row.words)
        button = SectionButton.for_quotes([row.quote]) if row.quote is not None else None
        items.append(text_item(line) if button is None else discord.ui.Section(line, accessory=button))
    if len(response.outline) > _MOST_ROWS:
        items.append(text_item(words("conversation.outline.others", count=len(response.outline) - _MOST_ROWS)))
    return [discord.ui.Separator(), *items]


def _facts(documents: Sequence[DocumentFacts], status: LibraryStatus | None) -> list[str]:
    lines = [
        words(
            "conversation.metadata.document",
            title=text.inline(document.title, MAX_TITLE),
            author=document.author and text.inline(document.author, MAX_TITLE),
            date=document.date and text.inline(document.date, MAX_TITLE),
            words=document.words,
            minutes=document.minutes,
        )
        for document in documents[:_MOST_DOCUMENTS]
    ]
    if len(documents) > _MOST_DOCUMENTS:
        lines.append(words("conversation.metadata.others", count=len(documents) - _MOST_DOCUMENTS))
    if status is not None:
        lines.append(
            words(
                "conversation.metadata.library", count=len(documents), when=_when(status.built_at), model=status.model
            )
        )
    return lines


def _when(at: datetime) -> str:
    return discord.utils.format_dt(at, "R")
