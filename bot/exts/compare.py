"""/compare: what the author says about the two sides of a topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import QuizError
from bot.ui.autocomplete import Choices, axis_choices, known_axis
from bot.ui.quiz.compare import compare_view
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


class Compare(commands.Cog):
    """Shows contrasts."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot

    @app_commands.command(name="compare", description=words("quiz.command.compare"))
    @app_commands.describe(axis=words("quiz.command.axis"))
    async def compare(self, interaction: discord.Interaction[TutorClient], axis: str | None = None) -> None:
        """Show the contrasts of one axis, by default the first."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        cards = await self.bot.services.deck.cards(interaction.guild_id)
        axes = [contrast.axis for contrast in cards.bank.contrasts]
        if not axes:
            raise QuizError("no_items")
        wanted = await known_axis(self.bot, interaction.guild_id, axis) or axes[0]
        if wanted not in axes:
            raise QuizError("unknown_axis")
        await interaction.edit_original_response(view=compare_view(cards, wanted))

    @compare.autocomplete("axis")
    async def _axes(self, interaction: discord.Interaction[TutorClient], typed: str) -> Choices:
        return await axis_choices(self.bot, interaction.guild_id, typed)


async def setup(bot: TutorClient) -> None:
    await bot.add_cog(Compare(bot))
