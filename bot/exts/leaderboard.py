"""/leaderboard: the people of a server who chose to be listed, by what they learnt recently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import QuizError
from bot.ui.quiz.community import leaderboard_view
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


class Leaderboard(commands.Cog):
    """Public; lists only people who pressed the button."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot

    @app_commands.command(name="leaderboard", description=words("quiz.command.leaderboard"))
    async def leaderboard(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Show the ranks of this server."""
        guild = interaction.guild_id
        await interaction.response.defer(ephemeral=guild is None, thinking=True)
        if guild is None:
            raise QuizError("only_in_server")
        ranks = await self.bot.services.leaderboard.ranks(guild)
        await interaction.edit_original_response(view=leaderboard_view(ranks, self.bot.services.leaderboard.days))


async def setup(bot: TutorClient) -> None:
    await bot.add_cog(Leaderboard(bot))
