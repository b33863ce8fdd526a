"""Publishes gateway events, monitors the health of the parts, and serves it over HTTP if a port is set."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.observability.events import GatewayEvent
from bot.observability.health import HealthMonitor

if TYPE_CHECKING:
    from bot.observability.http_server import HealthServer
    from bot.ui.client import TutorClient

log = logging.getLogger(__name__)


class Health(commands.Cog):
    """No person sees anything of it."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot
        self.watch = HealthMonitor(
            bot.services.settings.data,
            bot.services.engine,
            bot.services.store,
            connected=bot.is_ready,
            closing=lambda: bot.services.in_flight.is_closing,
        )
        self._beating: asyncio.Task[None] | None = None
        self._port: HealthServer | None = None

    async def cog_load(self) -> None:
        self.bot.services.events.listen(self.watch)
        if self.bot.services.settings.health_port is not None:
            await self._open(self.bot.services.settings.health_port)

    async def cog_unload(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
        if self._port is not None:
            await self._port.close()
        await self.watch.close()

    @commands.Cog.listener()
    async def on_shard_connect(self, shard: int) -> None:
        self.bot.services.events(GatewayEvent("connect", shard))

    @commands.Cog.listener()
    async def on_shard_resumed(self, shard: int) -> None:
        self.bot.services.events(GatewayEvent("resume", shard))

    @commands.Cog.listener()
    async def on_shard_disconnect(self, shard: int) -> None:
        self.bot.services.events(GatewayEvent("disconnect", shard))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[TutorClient]) -> None:
        self.bot.services.acknowledgements.arrived(interaction.id)

    async def _open(self, port: int) -> None:
        # Nothing of this is needed, or even read, where nobody looks.
        from bot.observability.http_server import HOST, HealthServer
        from bot.observability.loop_lag import LoopLag
        from bot.observability.metrics import CONTENT_TYPE, Metrics

        metrics, pulse = Metrics(lambda: self.bot.services.engine.waiting), LoopLag(self.bot.services.events)
        self.bot.services.events.listen(metrics)
        self._beating = asyncio.create_task(pulse.beat())
        opened = HealthServer(pulse, self.watch.look, metrics, CONTENT_TYPE)
        try:
            await opened.open(port)
        except OSError as error:
            # People are answered all the same, and that comes first.
            log.error("port %d of TUTOR_HEALTH_PORT cannot be opened: %s", port, error.strerror)
            await opened.close()
            return
        self._port = opened
        log.info("health on http://%s:%d", HOST, port)


async def setup(bot: TutorClient) -> None:
    await bot.add_cog(Health(bot))
