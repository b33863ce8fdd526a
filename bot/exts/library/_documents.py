"""/library status and its neighbours: documents in, out and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.keepers import kept_server
from bot.ui.library import sources_view
from prompts import words

if TYPE_CHECKING:
    from bot.app import TutorBot


class Documents(commands.Cog):
    """The part of /library that changes documents."""

    bot: TutorBot

    @app_commands.command(name="status", description=words("library.status.description"))
    async def status(self, interaction: discord.Interaction[TutorBot]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await kept_server(interaction)
        await interaction.edit_original_response(view=sources_view(await self.bot.tutor.library(server=server)))
