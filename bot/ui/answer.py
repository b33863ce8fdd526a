"""Lays out answers: quotes word for word, where they stand, and what kind of answer this is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.ui import text
from bot.ui.more import MoreButton
from bot.ui.notice import Accent, framed
from bot.ui.quizme import QuizMeButton
from bot.ui.quote_buttons import VerifyButton
from bot.ui.quotes import MAX_TITLE, Item, button_row, fitting, place_of, quote_item, quote_items
from index.answering.answer import Answer, Outcome, Quote
from prompts import words

# Scores of one answer stand to each other as odds: a second quote is shown at once when it is at least a third as
# likely to answer as the first; else it waits behind "More quotes".
CLOSE_SCORE_RATIO = 1 / 3
_MAX_SIDE = 60
_MAX_UNDERSTOOD = 300
_MAX_TITLES = 5


@dataclass(frozen=True, slots=True)
class AnswerDetails:
    """What happened on the way to an answer and is said with it."""

    waited: bool = False
    cut_at: int | None = None
    asked_unseen: bool = False
    """The question stands nowhere in the channel, as after a slash command: it is shown with the answer."""
    asked_about: tuple[Quote, ...] = ()
    """The quotes about whose passages the quiz has questions here."""


def answer_view(answer: Answer, titles: Sequence[str], notes: AnswerDetails) -> discord.ui.LayoutView:
    """Lay out an answer; `titles` name what the library holds, for when it does not answer."""
    if answer.outcome is Outcome.NOT_COVERED or not answer.quotes:
        return framed(
            Accent.NOT_COVERED,
            _text([words("ask.lead.not_covered"), *_notes(answer, notes)]),
            discord.ui.Separator(),
            _text([_holds(titles)]),
        )
    shown = fitting(_chosen(answer))
    items: list[Item] = [_text([_lead(answer), *_notes(answer, notes)])]
    items += _facing(answer, shown) if answer.sides else quote_items(shown)
    items += button_row(
        MoreButton.leading_to(_waiting(answer, shown)),
        VerifyButton.leading_to(shown),
        QuizMeButton.leading_to([quote for quote in shown if quote in notes.asked_about]),
    )
    return framed(Accent.ANSWER if answer.outcome is Outcome.ANSWER else Accent.CLOSEST, *items)


def is_comparison(shown: Sequence[str]) -> bool:
    """Tell from the texts of an answer whether it sets two sides against each other."""
    return any(words("ask.lead.compared") in each for each in shown)


def question_in(shown: Sequence[str]) -> str | None:
    """Read the question back from the texts of an answer that says it; None when it says none, or not all of it."""
    for lead in (words("ask.understood", question=""), words("ask.asked", question="")):
        for line in "\n".join(shown).splitlines():
            if line.startswith(lead) and not line.endswith(text.ELLIPSIS):
                return text.unescape(line.removeprefix(lead)).strip()
    return None


def _lead(answer: Answer) -> str:
    if answer.outcome is Outcome.CLOSEST:
        return words("ask.lead.closest")
    return words("ask.lead.compared") if answer.sides else words("ask.lead.answer")


def _notes(answer: Answer, notes: AnswerDetails) -> list[str]:
    lines = []
    if answer.understood != answer.question:
        lines.append(words("ask.understood", question=text.inline(answer.understood, _MAX_UNDERSTOOD)))
    elif notes.asked_unseen:
        lines.append(words("ask.asked", question=text.inline(answer.question, _MAX_UNDERSTOOD)))
    if notes.cut_at is not None:
        lines.append(words("ask.cut", limit=notes.cut_at))
    if notes.waited:
        lines.append(words("ask.waited"))
    return lines


def _holds(titles: Sequence[str]) -> str:
    named = [text.inline(title, MAX_TITLE) for title in titles[:_MAX_TITLES]]
    return words("ask.holds", titles=named, others=len(titles) - len(named))


def _chosen(answer: Answer) -> tuple[Quote, ...]:
    """Return the quotes to show at once: all of a comparison, else those about as good as the best."""
    if answer.sides:
        return answer.quotes
    best, *others = answer.quotes
    return (best, *(quote for quote in others if quote.score >= CLOSE_SCORE_RATIO * best.score))


def _waiting(answer: Answer, shown: Sequence[Quote]) -> list[Quote]:
    """Return the quotes that were found and are not shown yet, best first."""
    places = {place_of(quote) for quote in shown}
    return [quote for quote in (*answer.quotes, *answer.more) if place_of(quote) not in places]


def _facing(answer: Answer, quotes: Sequence[Quote]) -> list[Item]:
    """Return one block a side, in the order of the question; a side without a quote says so."""
    items: list[Item] = []
    for side in dict.fromkeys(answer.sides or ()):
        label = words("ask.side", side=text.inline(side, _MAX_SIDE))
        facing = [quote for quote in quotes if quote.side == side]
        items.append(discord.ui.Separator())
        if not facing:
            items.append(discord.ui.TextDisplay(f"{label}\n{words('ask.side_empty')}"))
        for number, quote in enumerate(facing):
            items.append(quote_item(quote, None if number else label))
    loose = [quote for quote in quotes if quote.side not in (answer.sides or ())]
    return items + quote_items(loose)


def _text(lines: Sequence[str]) -> Item:
    return discord.ui.TextDisplay("\n".join(lines))
