"""The command of /library that plans a lesson about the documents, for maintainers to change and approve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

import bot.ui.lesson_drafts.buttons  # noqa: F401  # registers its buttons
from bot.ui.autocomplete import Choices, document_choices, known_document
from bot.ui.lesson_drafts.views import plan_view
from bot.ui.permissions import maintained_server
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


class LessonCommands(commands.Cog):
    """Shows a planned lesson; it is taught once a maintainer approves it."""

    bot: TutorClient

    @app_commands.command(name="draft-lesson", description=words("library.lesson.command.make"))
    @app_commands.describe(document=words("library.lesson.command.document"))
    async def draft_lesson(self, interaction: discord.Interaction[TutorClient], document: str | None = None) -> None:
        """Plan a lesson about a document, by default about all, and show it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        wanted = None if document is None else [await known_document(self.bot, server, document)]
        view = plan_view(await self.bot.services.lesson_drafts.begin(server, wanted))
        await interaction.edit_original_response(view=view)

    @draft_lesson.autocomplete("document")
    async def _documents_to_teach(self, interaction: discord.Interaction[TutorClient], typed: str) -> Choices:
        return await document_choices(self.bot, interaction.guild_id, typed)
