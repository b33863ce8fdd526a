"""/library: one group of commands, gathered from the parts that each look after one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import Permissions, app_commands
from discord.ext import commands

from bot.exts.library._documents import Documents
from bot.exts.library._drafts import Drafts
from bot.exts.library._role import Role
from bot.exts.library._unanswered import Gaps
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


@app_commands.guild_only()
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.default_permissions(Permissions(manage_guild=True))
class Library(Documents, Drafts, Gaps, Role, commands.GroupCog, name="library", description=words("library.group")):
    """Documents, what is missing, and quizzes about them; for those who look after a server."""

    def __init__(self, bot: TutorClient) -> None:
        super().__init__()
        self.bot = bot
