"""The layout of /compare: the two sides of one axis below each other, each with a claim and its quote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.errors import OutdatedButton
from bot.learning.deck import Cards
from bot.quiz.items import Contrast
from bot.ui import text
from bot.ui.limits import MAX_TEXT
from bot.ui.notice import Accent, Item, framed
from bot.ui.owner import KEYED, Owner
from bot.ui.persistent import PersistentButton, ShownButton
from bot.ui.quotes import context_section, quote_texts
from index.answering.answer import Quote
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_MOST_ROWS = 3  # more would exceed the limit of forty components
_MAX_ROWS_TEXT = MAX_TEXT - 300
_MAX_CLAIM = 250
_MOST_AXES = 5


def compare_view(cards: Cards, axis: str) -> discord.ui.LayoutView:
    """Lay out one axis with as many of its contrasts as fit, and buttons for the other axes."""
    items: list[Item] = [discord.ui.TextDisplay(words("quiz.compare.head", axis=text.inline(cards.bank.axes[axis])))]
    length = 0
    for contrast in [each for each in cards.bank.contrasts if each.axis == axis][:_MOST_ROWS]:
        facing = [_facing(cards, contrast, side) for side in contrast.claims]
        length += sum(len(part) for _, *parts in facing for part in parts)
        if length > _MAX_ROWS_TEXT:
            break
        about = words("quiz.compare.about", about=text.inline(contrast.about))
        items += [discord.ui.Separator(), discord.ui.TextDisplay(about)]
        for quote, *parts in facing:
            items.append(context_section(quote, *parts))
    items += [discord.ui.Separator(), discord.ui.ActionRow(*_axis_buttons(cards, axis))]
    return framed(Accent.FRIENDLY, *items)


class AxisButton(PersistentButton, template=r"quiz:v1:axis:(?P<axis>[\w-]{1,60})"):
    """Replaces the layout by that of another axis."""

    def __init__(self, axis: str) -> None:
        self.axis = axis
        super().__init__(_axis_button(axis, axis))

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def next_view(self, interaction: discord.Interaction[TutorClient]) -> discord.ui.LayoutView:
        cards = await interaction.client.services.deck.cards(interaction.guild_id)
        if all(each.axis != self.axis for each in cards.bank.contrasts):
            raise OutdatedButton
        return compare_view(cards, self.axis)


def _facing(cards: Cards, contrast: Contrast, side: str) -> tuple[Quote, str, str]:
    """Return the quote of one side and two texts: the claim with the quoted words, and their place."""
    quote = cards.facing[contrast.id, side]
    name, claim = text.inline(cards.bank.sides[side]), text.inline(contrast.claims[side].claim, _MAX_CLAIM)
    block, source = quote_texts(quote)
    return quote, f"{words('quiz.compare.side', side=name, claim=claim)}\n{block}", source


def _axis_buttons(cards: Cards, shown: str) -> list[Item]:
    axes = [axis for axis in cards.bank.axes if any(each.axis == axis for each in cards.bank.contrasts)]
    return [
        ShownButton(_axis_button(axis, cards.bank.axes[axis], disabled=axis == shown)) for axis in axes[:_MOST_AXES]
    ]


def _axis_button(axis: str, title: str, *, disabled: bool = False) -> discord.ui.Button[Any]:
    label = text.shorten(title, 80)
    return discord.ui.Button(label=label, custom_id=f"quiz:v1:axis:{axis}", disabled=disabled)
