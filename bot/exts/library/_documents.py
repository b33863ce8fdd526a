"""The part of /library that changes documents: in, out, anew and back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import MaintainerError
from bot.exts.library._ticker import Ticker
from bot.exts.library._upload import UploadForm
from bot.libraries.jobs import Progress
from bot.libraries.proposals import Proposal
from bot.libraries.uploads import Upload
from bot.ui.builds import history_view, proposal_view
from bot.ui.choices import matching
from bot.ui.documents import document_choices, known_document
from bot.ui.error_handler import error_view
from bot.ui.library import status_view
from bot.ui.notice import notice
from bot.ui.permissions import maintained_server
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


class Documents(commands.Cog):
    """What a server's tutor has read."""

    bot: TutorClient

    @app_commands.command(name="add", description=words("library.add.description"))
    @app_commands.describe(document=words("library.add.document"))
    async def add(
        self, interaction: discord.Interaction[TutorClient], document: discord.Attachment | None = None
    ) -> None:
        await maintained_server(interaction)
        if document is None:
            form = UploadForm(self._added)
            await interaction.response.send_modal(form)
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._added(interaction, [document])

    @app_commands.command(name="remove", description=words("library.remove.description"))
    @app_commands.describe(document=words("library.remove.document"))
    async def remove(self, interaction: discord.Interaction[TutorClient], document: str) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        wanted, by = await known_document(self.bot, server, document), str(interaction.user.id)
        await self._proposed(
            interaction, server, lambda heard: self.bot.services.library_admin.remove(server, [wanted], by, heard)
        )

    @app_commands.command(name="rebuild", description=words("library.rebuild.description"))
    async def rebuild(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        server, by = await maintained_server(interaction), str(interaction.user.id)
        await self._proposed(
            interaction, server, lambda heard: self.bot.services.library_admin.refresh(server, by, heard)
        )

    @app_commands.command(name="cancel", description=words("library.cancel.description"))
    async def cancel(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        self.bot.services.library_admin.cancel(await maintained_server(interaction))
        await interaction.edit_original_response(view=notice(words("library.cancel.done")))

    @app_commands.command(name="status", description=words("library.status.description"))
    async def status(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        library = await self.bot.services.engine.library(server=server)
        waiting = await self.bot.services.library_admin.waiting(server)
        own = await self.bot.services.library_admin.has_own(server)
        await interaction.edit_original_response(
            view=status_view(
                library, own=own, busy=self.bot.services.library_admin.is_busy(server), waits=waiting is not None
            )
        )
        if waiting is not None:
            await interaction.followup.send(view=proposal_view(waiting), ephemeral=True)

    @app_commands.command(name="history", description=words("library.history.description"))
    async def history(self, interaction: discord.Interaction[TutorClient]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        await interaction.edit_original_response(
            view=history_view(await self.bot.services.library_admin.history(server))
        )

    @app_commands.command(name="rollback", description=words("library.rollback.description"))
    @app_commands.describe(generation=words("library.rollback.generation"))
    async def rollback(self, interaction: discord.Interaction[TutorClient], generation: str | None = None) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        name = await self.bot.services.library_admin.roll_back(server, str(interaction.user.id), generation)
        await interaction.edit_original_response(view=notice(words("library.rollback.done", generation=name)))

    @remove.autocomplete("document")
    async def _documents(
        self, interaction: discord.Interaction[TutorClient], typed: str
    ) -> list[app_commands.Choice[str]]:
        return await document_choices(self.bot, interaction.guild_id, typed)

    @rollback.autocomplete("generation")
    async def _generations(
        self, interaction: discord.Interaction[TutorClient], typed: str
    ) -> list[app_commands.Choice[str]]:
        try:
            server = await maintained_server(interaction)
        except MaintainerError:
            return []  # whoever sends the command is told
        return matching({name: name for name in await self.bot.services.library_admin.earlier(server)}, typed)

    async def _added(self, interaction: discord.Interaction[TutorClient], documents: list[discord.Attachment]) -> None:
        server, by = await maintained_server(interaction), str(interaction.user.id)
        uploads = [Upload(each.filename, each.size, each.read) for each in documents]
        await self._proposed(
            interaction, server, lambda heard: self.bot.services.library_admin.add(server, uploads, by, heard)
        )

    async def _proposed(
        self,
        interaction: discord.Interaction[TutorClient],
        server: int,
        work: Callable[[Progress], Awaitable[Proposal]],
    ) -> None:
        """Show how the work goes on and what would change; answering goes on meanwhile."""
        async with Ticker(
            interaction, self.bot.services.now, lambda: self.bot.services.library_admin.job(server)
        ) as ticker:
            try:
                view = proposal_view(await work(ticker.heard))
            except Exception as error:
                # Shown in the place of the progress, which would stand there for ever otherwise.
                view = error_view(error)
        await ticker.show(view)
