"""/progress: what a person has learnt, as a picture and as text."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.progress import PICTURE, progress_view
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.quiz.mastery import Progress
    from bot.ui.client import TutorClient


class ProgressReport(commands.Cog):
    """Shown only to the person."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot

    @app_commands.command(name="progress", description=words("quiz.command.progress"))
    async def progress(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Show what the person remembers, how fast they forget, and what is due."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        progress, axes = await self.bot.services.progress.progress(interaction.user.id, interaction.guild_id)
        lesson = await self.bot.services.lessons.map(interaction.user.id, interaction.guild_id)
        picture = await asyncio.to_thread(_draw, progress, axes)
        file = discord.File(BytesIO(picture), PICTURE)
        await interaction.edit_original_response(view=progress_view(progress, axes, lesson), attachments=[file])


def _draw(progress: Progress, axes: Mapping[str, str]) -> bytes:
    from bot.plots.progress import draw_progress  # imports matplotlib, so only when it is needed

    return draw_progress(progress, axes)


async def setup(bot: TutorClient) -> None:
    await bot.add_cog(ProgressReport(bot))
