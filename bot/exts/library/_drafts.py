"""The part of /library that has questions drafted and looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.documents import document_choices, known_document
from bot.ui.drafts.views import made_text, turn_view
from bot.ui.permissions import maintained_server
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_NUMBER = 20
_MOST = 100


class Drafts(commands.Cog):
    """Questions about new documents: a machine proposes them, and a person decides."""

    bot: TutorClient

    @app_commands.command(name="draft-quiz", description=words("library.drafts.command.make"))
    @app_commands.describe(
        count=words("library.drafts.command.count"), document=words("library.drafts.command.document")
    )
    async def draft_quiz(
        self,
        interaction: discord.Interaction[TutorClient],
        count: app_commands.Range[int, 1, _MOST] = _NUMBER,
        document: str | None = None,
    ) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        wanted = await known_document(self.bot, server, document) if document is not None else None
        made = await self.bot.services.drafting.generate(server, count, wanted)
        view = turn_view(await self.bot.services.drafts.next(server), made_text(made))
        await interaction.edit_original_response(view=view)

    @app_commands.command(name="drafts", description=words("library.drafts.command.review"))
    async def drafts(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        await interaction.edit_original_response(view=turn_view(await self.bot.services.drafts.next(server)))

    @draft_quiz.autocomplete("document")
    async def _documents_to_draft(
        self, interaction: discord.Interaction[TutorClient], typed: str
    ) -> list[app_commands.Choice[str]]:
        return await document_choices(self.bot, interaction.guild_id, typed)
