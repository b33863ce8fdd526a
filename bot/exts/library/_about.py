"""/sources and /about: the documents of the library, and what the tutor does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.library import about_view, sources_view
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


class About(commands.Cog):
    """The commands that describe the library and the tutor."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot

    @app_commands.command(name="sources", description=words("library.sources.description"))
    async def sources(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Show the documents of the library."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        library = await self.bot.services.engine.library_status(server=interaction.guild_id)
        await interaction.edit_original_response(view=sources_view(library))

    @app_commands.command(name="about", description=words("library.about.description"))
    async def about(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Show what the tutor is and how to ask it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(view=about_view())
