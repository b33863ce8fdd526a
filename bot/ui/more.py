"""The next quotes, read again from the library when somebody asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.errors import OutdatedButton
from bot.ui.quote_buttons import PLACES_PATTERN, PlacesButton
from bot.ui.quotes import quotes_view
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
        await interaction.edit_original_response(view=quotes_view(words("ask.lead.more"), quotes))
