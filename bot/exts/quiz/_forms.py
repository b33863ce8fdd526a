"""Hears what was written into the quiz's forms, whichever run of the bot opened them."""

from __future__ import annotations

from re import Match
from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands

from bot.ui.notice import notice
from bot.ui.quiz.forms import WRITTEN, text_in
from bot.ui.quiz.step import view_of
from prompts import words

if TYPE_CHECKING:
    from bot.app import TutorBot


class Forms(commands.Cog):
    """Free answers and complaints."""

    def __init__(self, bot: TutorBot) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[TutorBot]) -> None:
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: Any = interaction.data or {}
        found = WRITTEN.fullmatch(data.get("custom_id", ""))
        if found is None:
            return
        try:
            self.bot.tree.enter(interaction)
            await self._taken(interaction, found, text_in(data.get("components", [])))
        except Exception as error:
            await self.bot.tree.show(interaction, error)

    async def _taken(self, interaction: discord.Interaction[TutorBot], found: Match[str], text: str) -> None:
        session, position, person = int(found["session"]), int(found["position"]), interaction.user.id
        if found["act"] == "disputed":
            await interaction.response.defer(ephemeral=True, thinking=True)
            await self.bot.walks.dispute(session, position, text, person)
            await interaction.edit_original_response(view=notice(words("quiz.dispute.thanks")))
            return
        await interaction.response.defer()
        shown = await self.bot.walks.write(session, position, text, person)
        await interaction.edit_original_response(view=view_of(shown, text))
