"""/learn: a lesson for one person, here in private, in a direct message, or in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

import bot.ui.lesson.buttons  # noqa: F401  # registers its buttons
from bot.errors import LessonError
from bot.ui.autocomplete import Choices, matching
from bot.ui.lesson.view import lesson_view
from bot.ui.notice import notice
from bot.ui.text import shorten
from prompts import words

if TYPE_CHECKING:
    from bot.learning.views import LessonShown
    from bot.ui.client import TutorClient

_MAX_NAME = 100  # characters of a thread's name: Discord's limit


class Learn(commands.Cog):
    """A lesson that can be left at any step and gone on with later."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot

    @app_commands.command(name="learn", description=words("lesson.command.learn"))
    @app_commands.describe(lesson=words("lesson.command.lesson"), thread=words("lesson.command.thread"))
    async def learn(
        self, interaction: discord.Interaction[TutorClient], lesson: str | None = None, thread: bool = False
    ) -> None:
        """Begin a lesson, or go on with the one that is not finished."""
        await interaction.response.defer(ephemeral=interaction.guild_id is not None, thinking=True)
        shown = await self.bot.services.lessons.start(interaction.user.id, interaction.guild_id, lesson)
        if not thread or interaction.guild_id is None:
            await interaction.edit_original_response(view=lesson_view(shown))
            return
        made = await _thread(interaction, shown)
        await made.send(view=lesson_view(shown))
        await interaction.edit_original_response(view=notice(words("lesson.thread.made", thread=made.mention)))

    @learn.autocomplete("lesson")
    async def _lessons(self, interaction: discord.Interaction[TutorClient], typed: str) -> Choices:
        plans = await self.bot.services.lessons.offered(interaction.guild_id)
        return matching({plan.id: plan.title for plan in plans}, typed)


async def _thread(interaction: discord.Interaction[TutorClient], shown: LessonShown) -> discord.Thread:
    """Return the thread of the command, or a new private one with the person in it; raises LessonError."""
    channel = interaction.channel
    if isinstance(channel, discord.Thread):
        return channel
    if not isinstance(channel, discord.TextChannel):
        raise LessonError("no_thread")
    name = shorten(words("lesson.thread.name", title=shown.place.title), _MAX_NAME)
    try:
        made = await channel.create_thread(name=name, type=discord.ChannelType.private_thread, invitable=False)
        await made.add_user(interaction.user)
    except discord.Forbidden:
        raise LessonError("no_thread") from None
    return made


async def setup(bot: TutorClient) -> None:
    await bot.add_cog(Learn(bot))
