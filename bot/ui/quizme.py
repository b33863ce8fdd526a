"""The way from an answer to a quiz about the passages it quoted."""

from __future__ import annotations

from collections.abc import Sequence
from re import Match
from typing import TYPE_CHECKING, Self

import discord

from bot.ui.buttons import PLACES_PATTERN, PlacesButton
from bot.ui.places import MAX_PLACES, State, fits, spot, unpack
from bot.ui.quiz.step import view_of
from index.answer import Quote
from prompts import words

if TYPE_CHECKING:
    from bot.app import TutorBot

QUIZ_ID = "ask:v1:quiz:"


class QuizMeButton(PlacesButton, template=QUIZ_ID + PLACES_PATTERN):
    """Begins a quiz, for whoever presses, about the passages in which these quotes stand."""

    def __init__(self, state: State) -> None:
        super().__init__(QUIZ_ID, words("quiz.button.quiz_me"), state)

    @classmethod
    def about(cls, generation: str, quotes: Sequence[Quote]) -> Self | None:
        """Return the button, None when no quote fits into one."""
        spots = [spot(quote.document, quote.start, quote.end) for quote in quotes if fits(quote.start, quote.end)]
        return cls(State(generation, tuple(spots[:MAX_PLACES]))) if spots else None

    @classmethod
    async def restore(cls, interaction: discord.Interaction[TutorBot], match: Match[str]) -> Self:
        return cls(unpack(match["state"], hashed=False))

    async def pressed(self, interaction: discord.Interaction[TutorBot]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        places = await self.places(interaction)
        shown = await interaction.client.walks.start_about(interaction.user.id, interaction.guild_id, places)
        await interaction.edit_original_response(view=view_of(shown))
