"""/privacy: what is kept about a person, theirs to read, to take along and to delete."""

from __future__ import annotations

import asyncio
import io
import zipfile
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.tree import explain
from bot.ui.privacy import export_view, privacy_view, sure_view
from prompts import words

if TYPE_CHECKING:
    from bot.app import TutorBot

_FILE = "tutor-knows-about-me.json"
# Discord takes ten; of a server with none of its boosts that is all there is.
_MOST_BYTES = 8 * 2**20


class Privacy(commands.GroupCog, name="privacy", description=words("privacy.group")):
    """For everybody, everywhere, and only about themselves."""

    def __init__(self, bot: TutorBot) -> None:
        super().__init__()
        self.bot = bot

    async def cog_load(self) -> None:
        self.sweep.start()

    async def cog_unload(self) -> None:
        self.sweep.cancel()

    @app_commands.command(name="about", description=words("privacy.about.description"))
    async def about(self, interaction: discord.Interaction[TutorBot]) -> None:
        settings = self.bot.settings
        policy = str(settings.privacy_policy) if settings.privacy_policy is not None else None
        await interaction.response.send_message(view=privacy_view(settings.remember_minutes, policy), ephemeral=True)

    @app_commands.command(name="export", description=words("privacy.export.description"))
    async def export(self, interaction: discord.Interaction[TutorBot]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        held = await self.bot.personal.export(interaction.user.id)
        name = _FILE
        if len(held) > _MOST_BYTES:
            name, held = f"{_FILE}.zip", await asyncio.to_thread(_zipped, held)
        await interaction.edit_original_response(
            view=export_view(name), attachments=[discord.File(io.BytesIO(held), name)]
        )

    @app_commands.command(name="delete", description=words("privacy.delete.description"))
    async def delete(self, interaction: discord.Interaction[TutorBot]) -> None:
        await interaction.response.send_message(view=sure_view(interaction.user.id), ephemeral=True)

    @tasks.loop(minutes=1)
    async def sweep(self) -> None:
        """Forget what is remembered for a time only, though nobody asks any more."""
        try:
            now = self.bot.now()
            self.bot.conversations.sweep(now)
            self.bot.quotas.sweep(now)
            self.bot.gaps.forget_askers(now)
        except Exception as error:  # one failure must not end the sweeping for ever
            explain(error)


def _zipped(held: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_FILE, held)
    return packed.getvalue()


async def setup(bot: TutorBot) -> None:
    await bot.add_cog(Privacy(bot))
