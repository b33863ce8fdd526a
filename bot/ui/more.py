"""The next quotes, read again from the library when somebody asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import discord

from bot.errors import OutdatedButton
from bot.ui.buttons import PLACES_PATTERN, PlacesButton, VerifyButton
from bot.ui.notice import Accent, framed
from bot.ui.quotes import button_row, fitting, quote_items
from index.answering.answer import Quote
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

MORE_ID = "ask:v1:more:"


class MoreButton(PlacesButton, template=MORE_ID + PLACES_PATTERN):
    """Shows the next quotes, in private."""

    prefix = MORE_ID

    @staticmethod
    def label() -> str:
        return words("ask.button.more")

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        quotes = await interaction.client.services.engine.quotes(
            await self.places(interaction), server=interaction.guild_id
        )
        if not quotes:
            raise OutdatedButton
        await interaction.edit_original_response(view=more_view(quotes))


def more_view(quotes: Sequence[Quote]) -> discord.ui.LayoutView:
    """Lay out further quotes, as many as fit."""
    shown = fitting(quotes)
    return framed(
        Accent.FRIENDLY,
        discord.ui.TextDisplay(words("ask.lead.more")),
        *quote_items(shown),
        *button_row(VerifyButton.leading_to(shown)),
    )
