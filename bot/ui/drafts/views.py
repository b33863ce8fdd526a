"""Lays out a draft as a learner would see it, with its answer and evidence, for whoever decides about it."""

from __future__ import annotations

import discord

from bot.learning.drafting import Made
from bot.learning.drafts import Note, Overview, Review, Turn
from bot.quiz.items import Item, ItemKind
from bot.quiz.review import State
from bot.ui import text
from bot.ui.drafts import controls
from bot.ui.limits import MAX_TEXT
from bot.ui.notice import Accent, framed
from bot.ui.quiz.controls import LETTERS
from bot.ui.quiz.step import asked
from bot.ui.quotes import Item as Component
from bot.ui.quotes import button_row, quote_item, said
from index.answering.answer import Quote
from prompts import words

_MAX_TITLE = 90
_MAX_FAULT = 120
_MOST_FAULTS = 3
# An option has at most two hundred characters. Only one with hardly anything but Markdown in it is ever cut.
_OPTION_ROOMS = (200, 100, 40)
_MARGIN = 100


def made_text(made: Made) -> str:
    """Say how many drafts were made, of which kinds, and why not as many as were asked for."""
    if not made.number:
        return words("library.drafts.made_none")
    kinds = [
        (count, words(f"library.drafts.kind.{kind}"))
        for kind, count in sorted(made.by_kind.items(), key=lambda pair: -pair[1])
    ]
    return words("library.drafts.made", number=made.number, kinds=kinds, asked_for=made.asked_for)


def turn_view(turn: Turn, lead: str = "") -> discord.ui.LayoutView:
    """Lay out what comes next, under what came of the last press and what else there is to say first."""
    notes = [lead] if lead else []
    if turn.note is not None:
        notes.append(words(f"library.drafts.note.{turn.note.value}", by=turn.by))
    if turn.dropped:
        notes.append(words("library.drafts.dropped", count=turn.dropped))
    if isinstance(turn.screen, Overview):
        return _overview(turn.screen, notes)
    return _review(turn.screen, notes, failed=turn.note is Note.FAULTY)


def _overview(overview: Overview, notes: list[str]) -> discord.ui.LayoutView:
    counts = {state.value: count for state, count in overview.counts.items()}
    any_made = any(counts.values())
    summary = words("library.drafts.summary", **counts) if any_made else words("library.drafts.none")
    items: list[Component] = [discord.ui.TextDisplay("\n".join([*notes, summary]))]
    if overview.counts[State.APPROVED]:
        items.append(discord.ui.TextDisplay(words("library.drafts.what_next")))
    return framed(Accent.FRIENDLY, *items)


def _review(review: Review, notes: list[str], *, failed: bool) -> discord.ui.LayoutView:
    item = review.item
    head = words("library.drafts.head", left=review.left, title=text.inline(review.title, _MAX_TITLE))
    question = asked(item)
    faults = [text.inline(fault, _MAX_FAULT) for fault in review.faults[:_MOST_FAULTS]]
    behind = [words("library.drafts.why", why=text.escape(item.why))]
    if faults:
        behind.append(words("library.drafts.faults", faults=faults))
    room = MAX_TEXT - _MARGIN - sum(map(len, (*notes, head, *question, *behind)))
    quotes = _fitting(review.quotes, room - sum(map(len, _options(item, _OPTION_ROOMS[-1]))))
    room -= sum(len(part) for quote in quotes for part in said(quote))
    options = next(
        (found for limit in _OPTION_ROOMS if sum(map(len, found := _options(item, limit))) <= room),
        _options(item, _OPTION_ROOMS[-1]),
    )
    items: list[Component] = [_texts(*notes, head), _texts(*question)]
    if options:
        items.append(_texts(*options))
    items += [discord.ui.Separator(), *map(quote_item, quotes)]
    items += [_texts(*behind), *button_row(*controls.decisions(item, may_approve=not review.faults))]
    return framed(Accent.TROUBLE if failed else Accent.CLOSEST if faults else Accent.FRIENDLY, *items)


def _options(item: Item, limit: int) -> list[str]:
    """Return the options with their letters, the right one marked."""
    if item.kind is ItemKind.FREE:
        return [words("library.drafts.free")]
    return [
        words(
            "library.drafts.right" if number == item.key else "library.drafts.wrong",
            letter=LETTERS[number],
            text=text.inline(option, limit),
        )
        for number, option in enumerate(item.options)
    ]


def _fitting(quotes: tuple[Quote, ...], room: int) -> list[Quote]:
    kept: list[Quote] = []
    for quote in quotes:
        room -= sum(map(len, said(quote)))
        if room < 0:
            break
        kept.append(quote)
    return kept


def _texts(*lines: str) -> Component:
    return discord.ui.TextDisplay("\n".join(lines))
