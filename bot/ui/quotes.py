"""Layouts of quotes: the text in a block quote, its place below it, a button that shows its context beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import discord

from bot.ui import text
from bot.ui.limits import MAX_TEXT
from bot.ui.notice import Accent, Item, button_row, first_fitting, framed, text_item
from bot.ui.quote_buttons import ShowContextButton, VerifyButton
from index.answering.answer import Quote
from prompts import words

MAX_TITLE = 90
MAX_HEADING = 90
_MOST_SEPARATED = 5  # a quote takes four of the 40 components of a message, its separator a fifth
# The rest of Discord's limit is for the lead, the notes and the labels of sides.
MAX_QUOTES_TEXT = MAX_TEXT - 1200


def fitting(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Return the first quotes that fit into one message, at least one, and each place once.

    Two buttons for one place would have the same custom id.
    """
    by_place: dict[tuple[str, int, int], Quote] = {}
    for quote in quotes:
        by_place.setdefault(place_of(quote), quote)
    count = len(first_fitting(["".join(quote_texts(quote)) for quote in by_place.values()], MAX_QUOTES_TEXT))
    return tuple(by_place.values())[: max(count, 1)]


def place_of(quote: Quote) -> tuple[str, int, int]:
    """Return the document, start and end of a quote."""
    return quote.document, quote.start, quote.end


def quote_texts(quote: Quote) -> list[str]:
    """Return the text of a quote and its place; for a quote longer than a message, only its place."""
    title = text.inline(quote.title, MAX_TITLE)
    block = text.block_quote(quote.text)
    place = {"page": quote.page, "paragraph": quote.paragraph}
    if len(block) > MAX_QUOTES_TEXT:
        span = {"start": quote.start, "end": quote.end}
        return [words("ask.too_long", characters=len(quote.text), title=title, **place, **span)]
    if quote.heading and quote.heading != quote.title:
        heading = text.inline(quote.heading, MAX_HEADING)
        return [block, words("ask.source_heading", title=title, heading=heading, **place)]
    return [block, words("ask.source", title=title, **place)]


def quote_item(quote: Quote, label: str | None = None) -> Item:
    """Return a quote with its button, below a label when there is one."""
    return context_section(quote, *([] if label is None else [label]), *quote_texts(quote))


def context_section(quote: Quote, *texts: str) -> Item:
    """Return texts about a quote, at most three, beside the button that shows its context."""
    # Separate texts: Discord may draw what follows a block quote in the same text as part of it.
    button = ShowContextButton.for_quotes([quote])
    return discord.ui.Section(*texts, accessory=button) if button is not None else text_item(*texts)


def quotes_view(lead: str, quotes: Sequence[Quote]) -> discord.ui.LayoutView:
    """Lay out as many quotes as fit below a lead, with buttons that show their context and verify them."""
    shown = fitting(quotes)
    return framed(
        Accent.FRIENDLY,
        text_item(lead),
        *quote_items(shown),
        *button_row(VerifyButton.for_quotes(shown)),
    )


def quote_items(
    quotes: Sequence[Quote], labels: Mapping[tuple[str, int, int], str] = MappingProxyType({})
) -> list[Item]:
    """Return quotes with separators before them; one separator for all where Discord has no room for more.

    `labels`: what to say above a quote, by its place.
    """
    items: list[Item] = []
    for number, quote in enumerate(quotes):
        if number == 0 or len(quotes) <= _MOST_SEPARATED:
            items.append(discord.ui.Separator())
        items.append(quote_item(quote, labels.get(place_of(quote))))
    return items
