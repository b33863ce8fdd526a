"""The message menu with which maintainers mark an answer as right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import MaintainerError
from bot.ui.answer import is_comparison
from bot.ui.notice import Accent, notice
from bot.ui.permissions import maintained_server
from bot.ui.shown_answer import ShownAnswer
from bot.ui.text import inline
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_SHOWN = 300


class MarkRight(commands.Cog):
    """Adds the question and its quotes to the golden questions, which every new build has to answer in its exam."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot
        self._menu = app_commands.ContextMenu(name=words("ask.right.menu"), callback=self.right)
        self._menu.guild_only = True
        self._menu.default_permissions = discord.Permissions(manage_guild=True)

    async def cog_load(self) -> None:
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    async def right(self, interaction: discord.Interaction[TutorClient], message: discord.Message) -> None:
        """Store the question of an answer with its best quote, or with both quotes of a comparison."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        shown = ShownAnswer.of(message)
        if self.bot.user is None or message.author.id != self.bot.user.id or shown is None:
            raise MaintainerError("no_answer")
        question = await shown.question()
        if question is None:
            raise MaintainerError("no_question")
        quotes = await self.bot.services.engine.quotes(await shown.verify.places(interaction), server=server)
        # The first two quotes of a comparison are its two sides.
        right = [quote.text for quote in quotes[: 2 if is_comparison(shown.texts) else 1]]
        is_new = await self.bot.services.library_admin.mark_right(server, question, right)
        sentence = words(
            "ask.right.noted" if is_new else "ask.right.known",
            question=inline(question, _SHOWN),
            quotes=[inline(quote, _SHOWN) for quote in right],
        )
        await interaction.edit_original_response(view=notice(sentence, Accent.ANSWER))
