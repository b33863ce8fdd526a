"""Shows quotes: the words in a block quote, where they stand under it, a way to their context beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.ui import text
from bot.ui.limits import MAX_TEXT
from bot.ui.notice import Accent, framed
from bot.ui.packed_places import fits
from bot.ui.quote_buttons import ShowContextButton, VerifyButton
from index.answering.answer import Quote
from prompts import words

MAX_TITLE = 90
MAX_HEADING = 90
# What is left of Discord's limit for the lead, the notes and the side labels.
MAX_QUOTES_TEXT = MAX_TEXT - 1200

Item = discord.ui.Item[Any]


def fitting(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Keep the first quotes that fit into one message, whole; the very first is kept whatever its length."""
    kept: list[Quote] = []
    length = 0
    for quote in _once(quotes):
        length += sum(map(len, said(quote)))
        if kept and length > MAX_QUOTES_TEXT:
            break
        kept.append(quote)
    return tuple(kept)


def place_of(quote: Quote) -> tuple[str, int, int]:
    return quote.document, quote.start, quote.end


def said(quote: Quote) -> list[str]:
    """Return the quote and where it stands; of one longer than a message only where to read it."""
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
    """Return the quote with its button, under a label when it has a side to speak for."""
    # Each in a text of its own: what follows a block quote in the same text may be drawn as part of it.
    shown = said(quote) if label is None else [label, *said(quote)]
    if not fits(quote.start, quote.end):
        return discord.ui.TextDisplay("\n".join(shown))
    return discord.ui.Section(*shown, accessory=ShowContextButton.at(quote))


def quotes_view(lead: str, quotes: Sequence[Quote]) -> discord.ui.LayoutView:
    """Lay out as many quotes as fit under a lead, each with its context, and together a button that verifies them."""
    shown = fitting(quotes)
    return framed(
        Accent.FRIENDLY,
        discord.ui.TextDisplay(lead),
        *quote_items(shown),
        *button_row(VerifyButton.leading_to(shown)),
    )


def quote_items(quotes: Sequence[Quote]) -> list[Item]:
    """Return the quotes one under the other, set apart by lines."""
    items: list[Item] = []
    for quote in quotes:
        items += [discord.ui.Separator(), quote_item(quote)]
    return items


def _once(quotes: Sequence[Quote]) -> list[Quote]:
    """Leave out a quote that stood before: two buttons for one place would have one custom id."""
    by_place: dict[tuple[str, int, int], Quote] = {}
    for quote in quotes:
        by_place.setdefault(place_of(quote), quote)
    return list(by_place.values())


def button_row(*buttons: Item | None) -> list[Item]:
    """Return a row, under a line, of the buttons that there are."""
    present = [button for button in buttons if button is not None]
    return [discord.ui.Separator(), discord.ui.ActionRow(*present)] if present else []
