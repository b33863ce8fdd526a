"""Records when the bot is added to servers and removed from them, and deletes the data of servers it left long ago."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

from bot.ui.error_handler import explain

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

log = logging.getLogger(__name__)


class Servers(commands.Cog):
    """Listens to additions and removals; an unavailable server was not removed."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        self.purge.start()

    async def cog_unload(self) -> None:
        self.purge.cancel()

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self.bot.services.memberships.joined(guild.id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        await self.bot.services.memberships.left(guild.id)

    @tasks.loop(hours=6)
    async def purge(self) -> None:
        """Compare the records with the servers of the bot, then delete what is older than the grace period."""
        try:
            services = self.bot.services
            await services.memberships.compare([guild.id for guild in self.bot.guilds], services.layout.has)
            async with services.store.coordination.alone("servers") as is_ours:
                if is_ours and (deleted := await services.memberships.purge()):
                    log.info("deleted what %d servers left behind", len(deleted))
        except Exception as error:  # a full disk must not end the task
            explain(error)

    @purge.before_loop
    async def _ready(self) -> None:
        await self.bot.wait_until_ready()


async def setup(bot: TutorClient) -> None:
    await bot.add_cog(Servers(bot))
