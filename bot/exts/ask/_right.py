"""The message menu with which maintainers mark an answer as right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import MaintainerError
from bot.exts.ask._reading import Question, read
from bot.ui.answer import is_comparison, question_in
from bot.ui.limits import walk
from bot.ui.notice import Accent, notice
from bot.ui.permissions import maintained_server
from bot.ui.quote_buttons import VerifyButton
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
        components = [part for component in message.components for part in walk(component.to_dict())]
        button = next(filter(None, map(VerifyButton.in_message, components)), None)
        if self.bot.user is None or message.author.id != self.bot.user.id or button is None:
            raise MaintainerError("no_answer")
        shown = [
            str(each["content"]) for each in components if each.get("type") == discord.ComponentType.text_display.value
        ]
        question = question_in(shown) or await self._asked(message)
        if question is None:
            raise MaintainerError("no_question")
        quotes = await self.bot.services.engine.quotes(await button.places(interaction), server=server)
        # The first two quotes of a comparison are its two sides.
        right = [quote.text for quote in quotes[: 2 if is_comparison(shown) else 1]]
        is_new = await self.bot.services.library_admin.mark_right(server, question, right)
        sentence = words(
            "ask.right.noted" if is_new else "ask.right.known",
            question=inline(question, _SHOWN),
            quotes=[inline(quote, _SHOWN) for quote in right],
        )
        await interaction.edit_original_response(view=notice(sentence, Accent.ANSWER))

    async def _asked(self, message: discord.Message) -> str | None:
        """Return the question in the message that an answer replies to; None when there is none."""
        if message.reference is None or message.reference.message_id is None:
            return None
        try:
            asked = message.reference.resolved
            if not isinstance(asked, discord.Message):
                asked = await message.channel.fetch_message(message.reference.message_id)
        except discord.HTTPException:
            return None
        parsed = read(asked.content)
        return parsed.text if isinstance(parsed, Question) and parsed.cut_at is None else None
