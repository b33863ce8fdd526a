"""The part of /library that says who may change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import MaintainerError
from bot.ui.notice import notice
from bot.ui.permissions import managed_server
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


class Role(commands.Cog):
    """Only who manages the server may pass the right on, or those it was passed to could keep it for themselves."""

    bot: TutorClient

    @app_commands.command(name="role", description=words("library.role.description"))
    @app_commands.describe(role=words("library.role.role"))
    async def role(self, interaction: discord.Interaction[TutorClient], role: discord.Role | None = None) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = managed_server(interaction)
        if role is not None and role.is_default():
            raise MaintainerError("everyone")
        await self.bot.services.preferences.choose_role(server, None if role is None else role.id)
        said = words("library.role.cleared") if role is None else words("library.role.chosen", role=role.id)
        await interaction.edit_original_response(view=notice(said))
