"""The part of /library that shows what people ask and the library does not answer, and sweeps out what is old."""

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


class Gaps(commands.Cog):
    """What is missing: off until somebody who looks after the server wants to know."""

    bot: TutorClient

    @app_commands.command(name="gaps", description=words("library.gaps.description"))
    async def gaps(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        await interaction.edit_original_response(view=unanswered_view(await self.bot.services.unanswered.found(server)))


class UnansweredSweep(commands.Cog):
    """Nothing is kept for longer than was said, though nobody asks or looks any more."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        self.sweep.start()

    async def cog_unload(self) -> None:
        self.sweep.cancel()

    @tasks.loop(hours=24)
    async def sweep(self) -> None:
        try:
            await self.bot.services.unanswered.sweep()
        except Exception as error:  # a full disk today must not end the sweeping for ever
            explain(error)
