"""Sends the weekly digests of items that work badly to the maintainers who asked for them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

from bot.ui.error_handler import explain
from bot.ui.quiz.digest import digest_view

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

log = logging.getLogger(__name__)


class DigestSender(commands.Cog):
    """Looks once a day whether a digest is due."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        self.sweep.start()

    async def cog_unload(self) -> None:
        self.sweep.cancel()

    @tasks.loop(hours=24)
    async def sweep(self) -> None:
        """Send each digest that is due; one that cannot be sent does not hold up the others."""
        await self.bot.wait_until_ready()
        try:
            for server, person in await self.bot.services.digests.due():
                try:
                    await self._send(server, person)
                except discord.HTTPException as error:  # closed direct messages, or Discord is away
                    log.warning("a digest could not be sent: %s", type(error).__name__)
        except Exception as error:  # a full disk must not end the task
            explain(error)

    async def _send(self, server: int, person: int) -> None:
        guild, digests = self.bot.get_guild(server), self.bot.services.digests
        if guild is None:  # the bot was removed; the row goes after the grace period
            return
        try:
            member = await guild.fetch_member(person)
        except discord.NotFound:
            await digests.switch(server, person, on=False)
            return
        if not member.guild_permissions.manage_guild:
            await digests.switch(server, person, on=False)
            return
        digest = await digests.take(server, person)
        if digest is not None:
            await member.send(view=digest_view(digest, guild.name))
