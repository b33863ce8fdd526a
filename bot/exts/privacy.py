"""/privacy: what is stored about a person, to read, export and delete; and tasks that delete expired data."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.ui.error_handler import explain
from bot.ui.privacy import export_view, privacy_view, sure_view
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

# Discord accepts files of 10 MiB in servers without boosts.
_MOST_BYTES = 8 * 2**20


class Privacy(commands.GroupCog, name="privacy", description=words("privacy.group")):
    """Everybody may use these commands everywhere, about themselves."""

    def __init__(self, bot: TutorClient) -> None:
        super().__init__()
        self.bot = bot

    async def cog_load(self) -> None:
        self.sweep.start()
        self.upkeep.start()

    async def cog_unload(self) -> None:
        self.sweep.cancel()
        self.upkeep.cancel()

    @app_commands.command(name="about", description=words("privacy.about.description"))
    async def about(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Show what is stored about people, why and for how long."""
        settings = self.bot.services.settings
        policy = str(settings.privacy_policy) if settings.privacy_policy is not None else None
        view = privacy_view(settings.remember_minutes, settings.server_grace_days, policy)
        await interaction.response.send_message(view=view, ephemeral=True)

    @app_commands.command(name="export", description=words("privacy.export.description"))
    async def export(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Send everything that is stored about the person as files."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        files = await self.bot.services.personal_data.export_files(interaction.user.id, _MOST_BYTES)
        for number, file in enumerate(files, 1):
            view = export_view(file.name, number, len(files))
            attached = discord.File(io.BytesIO(file.content), file.name)
            if number == 1:
                await interaction.edit_original_response(view=view, attachments=[attached])
            else:
                await interaction.followup.send(view=view, file=attached, ephemeral=True)

    @app_commands.command(name="delete", description=words("privacy.delete.description"))
    async def delete(self, interaction: discord.Interaction[TutorClient]) -> None:
        """Ask whether everything about the person shall be deleted."""
        await interaction.response.send_message(view=sure_view(interaction.user.id), ephemeral=True)

    @tasks.loop(minutes=1)
    async def sweep(self) -> None:
        """Delete expired data from memory: questions, quotas, and who asked what is unanswered."""
        try:
            now = self.bot.services.now()
            self.bot.services.conversations.sweep(now)
            self.bot.services.quotas.sweep(now)
            self.bot.services.unanswered.forget_askers(now)
        except Exception as error:  # one failure must not end the task
            explain(error)

    @tasks.loop(hours=1)
    async def upkeep(self) -> None:
        """Complete interrupted deletions, and delete what expired in the store; one process at a time does so."""
        services = self.bot.services
        work = (
            services.personal_data.resume,
            services.quiz_sessions.cache.delete_untouched,
            services.unanswered.sweep,
            services.store.coordination.sweep,
        )
        for each in work:
            try:
                async with services.store.coordination.alone("upkeep") as is_ours:
                    if is_ours:
                        await each()
            except Exception as error:  # a full disk must not end the task
                explain(error)


async def setup(bot: TutorClient) -> None:
    await bot.add_cog(Privacy(bot))
