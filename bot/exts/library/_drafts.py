"""The commands of /library that draft quiz questions and review the drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.autocomplete import Choices, document_choices, known_document
from bot.ui.drafts.views import made_text, turn_view
from bot.ui.permissions import maintained_server
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_NUMBER = 20
_MOST = 100


class DraftCommands(commands.Cog):
    """Commands that draft questions about documents; a person decides which are asked."""

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
        """Draft questions about a document, by default about all, and show the first draft that waits."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        wanted = await known_document(self.bot, server, document) if document is not None else None
        made = await self.bot.services.drafting.generate(server, count, wanted)
        view = turn_view(await self.bot.services.drafts.next(server), made_text(made))
        await interaction.edit_original_response(view=view)

    @app_commands.command(name="drafts", description=words("library.drafts.command.review"))
    async def drafts(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Show the first draft that waits for a decision."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        await interaction.edit_original_response(view=turn_view(await self.bot.services.drafts.next(server)))

    @draft_quiz.autocomplete("document")
    async def _documents_to_draft(self, interaction: discord.Interaction[TutorClient], typed: str) -> Choices:
        return await document_choices(self.bot, interaction.guild_id, typed)
