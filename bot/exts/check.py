"""/check and the message menu: whether what a text quotes stands in the library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui import text
from bot.ui.limits import walk
from bot.ui.notice import Accent, notice
from bot.ui.quotations import quotations_view
from prompts import words

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

_LONGEST = 6000  # what Discord takes as the option of a command


class Check(commands.Cog):
    """Shows to one person what became of the library's words in a text; it counts as a question."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot
        # discord.py has no decorator for a context menu in a cog.
        self._menu = app_commands.ContextMenu(name=words("check.menu"), callback=self.check_message)

    async def cog_load(self) -> None:
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(name="check", description=words("check.command.description"))
    @app_commands.rename(written="text")
    @app_commands.describe(written=words("check.command.text"))
    async def check(
        self, interaction: discord.Interaction[TutorClient], written: app_commands.Range[str, 1, _LONGEST]
    ) -> None:
        """Check a text that the person gives."""
        await self._check(interaction, written)

    async def check_message(self, interaction: discord.Interaction[TutorClient], message: discord.Message) -> None:
        """Check anybody's message, also one of this bot."""
        await self._check(interaction, "\n\n".join(_texts(message)))

    async def _check(self, interaction: discord.Interaction[TutorClient], written: str) -> None:
        services, server = self.bot.services, interaction.guild_id
        services.quotas.question(interaction.user.id, server, services.now())
        await interaction.response.defer(ephemeral=True, thinking=True)
        bare = text.unescape(written)
        if not any(map(str.isalnum, bare)):
            sentence = words("check.wordless") if bare.strip() else words("check.empty")
            await interaction.edit_original_response(view=notice(sentence, Accent.CLOSEST))
            return
        if not services.engine.ready:
            await interaction.edit_original_response(view=notice(words("check.waking")))
        report = await services.engine.check_quotations(bare, server=server)
        view = quotations_view(report) if report.quotations else notice(words("check.wordless"), Accent.CLOSEST)
        await interaction.edit_original_response(view=view)


def _texts(message: discord.Message) -> Iterator[str]:
    """Yield all texts of a message: what was written, forwarded or embedded, and the texts of its components."""
    yield message.content
    yield from (snapshot.content for snapshot in message.message_snapshots)
    for embed in message.embeds:
        yield from filter(None, (embed.title, embed.description, *(field.value for field in embed.fields)))
    shown = discord.ComponentType.text_display.value
    for component in message.components:
        yield from (str(part["content"]) for part in walk(component.to_dict()) if part.get("type") == shown)


async def setup(bot: TutorClient) -> None:
    await bot.add_cog(Check(bot))
