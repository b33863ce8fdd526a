"""The way from an answer to a quiz about the passages it quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.ui.quiz.step import view_of
from bot.ui.quote_buttons import PLACES_PATTERN, PlacesButton
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

QUIZ_ID = "ask:v1:quiz:"


class QuizMeButton(PlacesButton, template=QUIZ_ID + PLACES_PATTERN):
    """Starts a quiz about the passages that contain these quotes."""

    prefix = QUIZ_ID

    @staticmethod
    def label() -> str:
        return words("quiz.button.quiz_me")

    async def pressed(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        places = await self.places(interaction)
        shown = await interaction.client.services.quiz_sessions.start_about(
            interaction.user.id, interaction.guild_id, places
        )
        await interaction.edit_original_response(view=view_of(shown))
