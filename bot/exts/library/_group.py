"""The command group /library, with the command that chooses who may change the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import MaintainerError
from bot.exts.library._documents import DocumentCommands
from bot.exts.library._drafts import DraftCommands
from bot.exts.library._lessons import LessonCommands
from bot.exts.library._unanswered import UnansweredCommands
from bot.ui.notice import notice
from bot.ui.permissions import managed_server
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


@app_commands.guild_only()
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.default_permissions(discord.Permissions(manage_guild=True))
class LibraryCommands(
    DocumentCommands,
    DraftCommands,
    LessonCommands,
    UnansweredCommands,
    commands.GroupCog,
    name="library",
    description=words("library.group"),
):
    """Commands of maintainers: documents, unanswered questions, quiz and lesson drafts, permissions."""

    def __init__(self, bot: TutorClient) -> None:
        super().__init__()
        self.bot = bot

    @app_commands.command(name="role", description=words("library.role.description"))
    @app_commands.describe(role=words("library.role.role"))
    async def role(self, interaction: discord.Interaction[TutorClient], role: discord.Role | None = None) -> None:
        """Choose a role whose members may change the library; only people who manage the server may choose it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = managed_server(interaction)
        if role is not None and role.is_default():
            raise MaintainerError("everyone")
        await self.bot.services.preferences.choose_role(server, None if role is None else role.id)
        sentence = words("library.role.cleared") if role is None else words("library.role.chosen", role=role.id)
        await interaction.edit_original_response(view=notice(sentence))
