"""The command of /library that shows unanswered questions, and the task that deletes old ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.ui.error_handler import explain
from bot.ui.permissions import maintained_server
from bot.ui.unanswered import unanswered_view
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


class UnansweredCommands(commands.Cog):
    """Shows the unanswered questions of a server; they are counted only after a maintainer switched it on."""

    bot: TutorClient

    @app_commands.command(name="gaps", description=words("library.gaps.description"))
    async def gaps(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Show what people ask that the library does not answer."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        await interaction.edit_original_response(view=unanswered_view(await self.bot.services.unanswered.found(server)))


class UnansweredSweep(commands.Cog):
    """Deletes unanswered questions once a day when they are older than the privacy notice says."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        if self.bot.services.layout.leads:
            self.sweep.start()

    async def cog_unload(self) -> None:
        self.sweep.cancel()

    @tasks.loop(hours=24)
    async def sweep(self) -> None:
        """Delete old questions in all servers."""
        try:
            await self.bot.services.unanswered.sweep()
        except Exception as error:  # a full disk must not end the daily task
            explain(error)
