"""The table of contrasts: both sides of one axis facing each other, each with the author's words."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.errors import OutdatedButton
from bot.learning.deck import Cards
from bot.quiz.items import Contrast
from bot.ui import text
from bot.ui.limits import MAX_TEXT
from bot.ui.notice import Accent, framed
from bot.ui.owner import KEYED, Owner
from bot.ui.persistent import PersistentButton, ShownButton, replace
from bot.ui.quote_buttons import ShowContextButton
from bot.ui.quotes import Item, said
from index.answering.answer import Quote
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_MOST_ROWS = 3  # more would break the limit of forty components
_MAX_ROWS_TEXT = MAX_TEXT - 300
_MAX_CLAIM = 250
_MOST_AXES = 5


def compare_view(cards: Cards, axis: str) -> discord.ui.LayoutView:
    """Lay out one axis, as many of its rows as fit, and the ways to the others."""
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
            items.append(discord.ui.Section(*parts, accessory=ShowContextButton.at(quote)))
    items += [discord.ui.Separator(), discord.ui.ActionRow(*_ways(cards, axis))]
    return framed(Accent.FRIENDLY, *items)


class AxisButton(PersistentButton, template=r"quiz:v1:axis:(?P<axis>[\w-]{1,60})"):
    """Shows another axis in the same place."""

    def __init__(self, axis: str) -> None:
        self.axis = axis
        super().__init__(_way(axis, axis))

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorClient], match: Match[str]) -> Self:
        return cls(match["axis"])

    async def owner(self, interaction: discord.Interaction[TutorClient]) -> Owner:
        return KEYED

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        async def view() -> discord.ui.LayoutView:
            cards = await interaction.client.services.deck.cards(interaction.guild_id)
            if all(each.axis != self.axis for each in cards.bank.contrasts):
                raise OutdatedButton
            return compare_view(cards, self.axis)

        await replace(interaction, view())


def _facing(cards: Cards, contrast: Contrast, side: str) -> tuple[Quote, str, str]:
    """Give one side's quote, and its two texts: claim and words, and where they stand."""
    quote = cards.facing[contrast.id, side]
    name, claim = text.inline(cards.bank.sides[side]), text.inline(contrast.claims[side].claim, _MAX_CLAIM)
    block, source = said(quote)
    return quote, f"{words('quiz.compare.side', side=name, claim=claim)}\n{block}", source


def _ways(cards: Cards, shown: str) -> list[Item]:
    axes = [axis for axis in cards.bank.axes if any(each.axis == axis for each in cards.bank.contrasts)]
    return [ShownButton(_way(axis, cards.bank.axes[axis], disabled=axis == shown)) for axis in axes[:_MOST_AXES]]


def _way(axis: str, title: str, *, disabled: bool = False) -> discord.ui.Button[Any]:
    label = text.shorten(title, 80)
    return discord.ui.Button(label=label, custom_id=f"quiz:v1:axis:{axis}", disabled=disabled)
