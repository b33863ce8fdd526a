"""The commands of /library that change documents, and the form that takes files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import MaintainerError
from bot.exts.library._progress import ProgressMessage
from bot.libraries.jobs import Progress
from bot.libraries.proposals import Proposal
from bot.libraries.uploads import Upload
from bot.ui.autocomplete import Choices, document_choices, known_document, matching
from bot.ui.builds import history_view, proposal_view
from bot.ui.error_handler import error_view
from bot.ui.library import status_view
from bot.ui.notice import notice
from bot.ui.permissions import maintained_server
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


_MOST_FILES = 10
# discord.py keeps a form that was closed without sending until this time-out.
_FORM_TIMEOUT_S = 600


class UploadForm(discord.ui.Modal):
    """Takes up to ten files."""

    def __init__(self, add: Callable[[discord.Interaction[Any], list[discord.Attachment]], Awaitable[None]]) -> None:
        """`add` is called with a deferred interaction and the files."""
        super().__init__(title=words("library.upload.title"), timeout=_FORM_TIMEOUT_S)
        self._add = add
        self._files: discord.ui.FileUpload[Any] = discord.ui.FileUpload(min_values=1, max_values=_MOST_FILES)
        label, hint = words("library.upload.label"), words("library.upload.hint")
        self.add_item(discord.ui.Label(text=label, description=hint, component=self._files))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        try:
            interaction.client.tree.enter(interaction)
            await interaction.response.defer(ephemeral=True, thinking=True)
            await self._add(interaction, list(self._files.values))
        except Exception as error:  # discord.py would only log it
            await interaction.client.tree.show(interaction, error)


class DocumentCommands(commands.Cog):
    """Commands that add, remove and read again the documents of a server."""

    bot: TutorClient

    @app_commands.command(name="add", description=words("library.add.description"))
    @app_commands.describe(document=words("library.add.document"))
    async def add(
        self, interaction: discord.Interaction[TutorClient], document: discord.Attachment | None = None
    ) -> None:
        """Add one document, or open a form for several."""
        await maintained_server(interaction)
        if document is None:
            await interaction.response.send_modal(UploadForm(self._add))
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._add(interaction, [document])

    @app_commands.command(name="remove", description=words("library.remove.description"))
    @app_commands.describe(document=words("library.remove.document"))
    async def remove(self, interaction: discord.Interaction[TutorClient], document: str) -> None:
        """Remove a document."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        wanted, by = await known_document(self.bot, server, document), str(interaction.user.id)
        admin = self.bot.services.library_admin
        await self._build(interaction, server, lambda report: admin.remove(server, [wanted], by, report))

    @app_commands.command(name="rebuild", description=words("library.rebuild.description"))
    async def rebuild(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Read the same documents again."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server, by = await maintained_server(interaction), str(interaction.user.id)
        admin = self.bot.services.library_admin
        await self._build(interaction, server, lambda report: admin.refresh(server, by, report))

    @app_commands.command(name="cancel", description=words("library.cancel.description"))
    async def cancel(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Cancel the build of this server, queued or running."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self.bot.services.library_admin.cancel(await maintained_server(interaction))
        await interaction.edit_original_response(view=notice(words("library.cancel.done")))

    @app_commands.command(name="status", description=words("library.status.description"))
    async def status(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Show the library of this server, and the build that waits for a decision."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server, admin = await maintained_server(interaction), self.bot.services.library_admin
        library = await self.bot.services.engine.library_status(server=server)
        waiting = await admin.waiting(server)
        own, busy = await admin.has_own(server), await admin.is_busy(server)
        view = status_view(library, own=own, busy=busy, waits=waiting is not None)
        await interaction.edit_original_response(view=view)
        if waiting is not None:
            await interaction.followup.send(view=proposal_view(waiting), ephemeral=True)

    @app_commands.command(name="history", description=words("library.history.description"))
    async def history(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Show which generations were live when."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        events = await self.bot.services.library_admin.history(await maintained_server(interaction))
        await interaction.edit_original_response(view=history_view(events))

    @app_commands.command(name="rollback", description=words("library.rollback.description"))
    @app_commands.describe(generation=words("library.rollback.generation"))
    async def rollback(self, interaction: discord.Interaction[TutorClient], generation: str | None = None) -> None:
        """Make an earlier generation live again, by default the last one."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        server = await maintained_server(interaction)
        name = await self.bot.services.library_admin.roll_back(server, str(interaction.user.id), generation)
        await interaction.edit_original_response(view=notice(words("library.rollback.done", generation=name)))

    @remove.autocomplete("document")
    async def _documents(self, interaction: discord.Interaction[TutorClient], typed: str) -> Choices:
        return await document_choices(self.bot, interaction.guild_id, typed)

    @rollback.autocomplete("generation")
    async def _generations(self, interaction: discord.Interaction[TutorClient], typed: str) -> Choices:
        try:
            server = await maintained_server(interaction)
        except MaintainerError:
            return []  # the command itself explains why
        return matching({name: name for name in await self.bot.services.library_admin.earlier(server)}, typed)

    async def _add(self, interaction: discord.Interaction[TutorClient], documents: list[discord.Attachment]) -> None:
        server, by = await maintained_server(interaction), str(interaction.user.id)
        uploads = [Upload(each.filename, each.size, each.read) for each in documents]
        admin = self.bot.services.library_admin
        await self._build(interaction, server, lambda report: admin.add(server, uploads, by, report))

    async def _build(
        self,
        interaction: discord.Interaction[TutorClient],
        server: int,
        build: Callable[[Progress], Awaitable[Proposal]],
    ) -> None:
        """Show the progress of a build, then what it would change."""
        services = self.bot.services
        async with ProgressMessage(interaction, services.now, lambda: services.library_admin.job(server)) as message:
            try:
                view = proposal_view(await build(message.report))
            except Exception as error:  # shown here, in place of the progress
                view = error_view(error)
        await message.show(view)
