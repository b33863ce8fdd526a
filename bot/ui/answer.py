"""Layouts of answers: the outcome, the quotes and their places, the buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.answering.turn import NextStep
from bot.ui import text
from bot.ui.answer_buttons import MoreButton, QuizMeButton, SectionButton
from bot.ui.next_menu import next_menu
from bot.ui.notice import Accent, Item, button_row, framed, text_item
from bot.ui.persistent import ShownButton
from bot.ui.quote_buttons import VerifyButton
from bot.ui.quotes import MAX_TITLE, fitting, place_of, quote_item, quote_items
from index.answering.answer import Answer, Outcome, Quote
from prompts import words

# A further quote is shown at once when it is at least a third as likely to answer as the best one.
CLOSE_SCORE_RATIO = 1 / 3
AS_WRITTEN_ID = "ask:v1:as-written"
_MAX_SIDE = 200
_MAX_UNDERSTOOD = 300
_MAX_TITLES = 5


@dataclass(frozen=True, slots=True)
class AnswerDetails:
    """What is shown with an answer besides its quotes.

    `waited`: the library was still loading. `cut_at`: the question was shortened to so many characters.
    `show_question`: the channel does not show the question, as after a slash command. `quiz_quotes`: the quotes about
    which the quiz has questions. `languages`: see Response. `steps` are what can be asked next, and `private` says
    whether that belongs to the person's private conversation. `lead` replaces the first line.
    """

    waited: bool = False
    cut_at: int | None = None
    show_question: bool = False
    quiz_quotes: tuple[Quote, ...] = ()
    languages: tuple[str, str] | None = None
    steps: tuple[NextStep, ...] = ()
    private: bool = False
    lead: str | None = None


def answer_view(answer: Answer, titles: Sequence[str], details: AnswerDetails) -> discord.ui.LayoutView:
    """Lay out an answer; `titles` of the library's documents are shown when it does not answer."""
    if answer.outcome is Outcome.NOT_COVERED or not answer.quotes:
        return framed(
            Accent.NOT_COVERED,
            text_item(words("ask.lead.not_covered"), *_notes(answer, details)),
            discord.ui.Separator(),
            text_item(_holds(titles)),
        )
    shown = fitting(_chosen(answer))
    items: list[Item] = [text_item(details.lead or _lead(answer), *_notes(answer, details))]
    items += _by_side(answer, shown) if _sides(answer) else quote_items(shown)
    items += button_row(
        MoreButton.for_quotes(_waiting(answer, shown)),
        VerifyButton.for_quotes(shown),
        QuizMeButton.for_quotes([quote for quote in shown if quote in details.quiz_quotes]),
        # A document without headings has one section: its main points are not a step from this quote.
        SectionButton.for_quotes([quote for quote in shown if quote.heading]),
        ShownButton(as_written_button()) if answer.understood != answer.question else None,
    )
    items += next_menu(details.steps, private=details.private)
    return framed(Accent.ANSWER if answer.outcome is Outcome.ANSWER else Accent.CLOSEST, *items)


def is_comparison(shown: Sequence[str]) -> bool:
    """Return whether the texts of a message are an answer that compares two sides."""
    return any(words("ask.lead.compared") in each for each in shown)


def question_in(shown: Sequence[str]) -> str | None:
    """Return the question that the texts of an answer show; None when they show none or a shortened one."""
    return _after(words("ask.understood", question=""), shown) or asked_in(shown)


def asked_in(shown: Sequence[str]) -> str | None:
    """Return the question as it was written, where the texts of an answer show it whole."""
    return _after(words("ask.asked", question=""), shown)


def as_written_button() -> discord.ui.Button[Any]:
    """Return the button that asks the question again without what was said before."""
    return discord.ui.Button(label=words("ask.button.as_written"), custom_id=AS_WRITTEN_ID)


def _after(lead: str, shown: Sequence[str]) -> str | None:
    for line in "\n".join(shown).splitlines():
        if line.startswith(lead) and not line.endswith(text.ELLIPSIS):
            return text.unescape(line.removeprefix(lead)).strip()
    return None


def _lead(answer: Answer) -> str:
    if answer.outcome is Outcome.CLOSEST:
        return words("ask.lead.closest")
    if answer.questions:
        return words("ask.lead.several")
    return words("ask.lead.compared") if answer.sides else words("ask.lead.answer")


def _notes(answer: Answer, details: AnswerDetails) -> list[str]:
    lines = []
    if answer.understood != answer.question:
        lines.append(words("ask.understood", question=text.inline(answer.understood, _MAX_UNDERSTOOD)))
    if details.show_question:
        lines.append(words("ask.asked", question=text.inline(answer.question, _MAX_UNDERSTOOD)))
    if answer.absent:
        lines.append(words("ask.absent", name=text.inline(answer.absent, MAX_TITLE)))
    if details.languages is not None:
        lines.append(language_note(*details.languages))
    if details.cut_at is not None:
        lines.append(words("ask.cut", limit=details.cut_at))
    if details.waited:
        lines.append(words("ask.waited"))
    return lines


def language_note(asked: str, documents: str) -> str:
    """Say that a question is in another language than the documents, and to ask in theirs; codes are ISO 639."""
    return words("ask.foreign", asked=language_name(asked), documents=language_name(documents))


def language_name(code: str) -> str:
    """Return the English name of a language by its ISO 639 code."""
    return words(f"ask.language.{code}") if f"ask.language.{code}" in words.known() else words("ask.language.unknown")


def _holds(titles: Sequence[str]) -> str:
    named = [text.inline(title, MAX_TITLE) for title in titles[:_MAX_TITLES]]
    return words("ask.holds", titles=named, others=len(titles) - len(named))


def _chosen(answer: Answer) -> tuple[Quote, ...]:
    """Return the quotes to show at once: all of a comparison or of several questions, else those about as likely."""
    if answer.sides or answer.questions:
        return answer.quotes
    best, *others = answer.quotes
    return (best, *(quote for quote in others if quote.score >= CLOSE_SCORE_RATIO * best.score))


def _waiting(answer: Answer, shown: Sequence[Quote]) -> list[Quote]:
    """Return the quotes that are not shown at once, best first."""
    places = {place_of(quote) for quote in shown}
    return [quote for quote in (*answer.quotes, *answer.more) if place_of(quote) not in places]


def _sides(answer: Answer) -> tuple[str, ...]:
    """Return under which names the quotes are shown: the sides of a comparison, or each of several questions."""
    return tuple(dict.fromkeys(answer.sides or answer.questions))


def _by_side(answer: Answer, quotes: Sequence[Quote]) -> list[Item]:
    """Return one block for each side, in the order of the question, also for a side without a quote."""
    items: list[Item] = []
    empty = words("ask.unanswered" if answer.questions else "ask.side_empty")
    for side in _sides(answer):
        label = words("ask.side", side=text.inline(side, _MAX_SIDE))
        facing = [quote for quote in quotes if quote.side == side]
        items.append(discord.ui.Separator())
        if not facing:
            items.append(discord.ui.TextDisplay(f"{label}\n{empty}"))
        for number, quote in enumerate(facing):
            items.append(quote_item(quote, None if number else label))
    loose = [quote for quote in quotes if quote.side not in _sides(answer)]
    return items + quote_items(loose)
