"""Publishes gateway events, monitors the components, and serves their health over HTTP when a port is set."""

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
    """Has no commands."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot
        self.monitor = HealthMonitor(
            bot.services.settings.data,
            bot.services.engine,
            bot.services.store,
            connected=bot.is_ready,
            closing=lambda: bot.services.in_flight.is_closing,
        )
        self._measuring: asyncio.Task[None] | None = None
        self._server: HealthServer | None = None

    async def cog_load(self) -> None:
        self.bot.services.events.listen(self.monitor)
        if self.bot.services.settings.health_port is not None:
            await self._open(self.bot.services.settings.health_port)

    async def cog_unload(self) -> None:
        if self._measuring is not None:
            self._measuring.cancel()
        if self._server is not None:
            await self._server.close()
        await self.monitor.close()

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
        # Imported only when a port is set.
        from bot.observability.http_server import HealthServer
        from bot.observability.latency import LoopLag
        from bot.observability.metrics import CONTENT_TYPE, Metrics

        metrics, lag = Metrics(lambda: self.bot.services.engine.waiting), LoopLag(self.bot.services.events)
        self.bot.services.events.listen(metrics)
        self._measuring = asyncio.create_task(lag.measure())
        host = self.bot.services.settings.health_host
        opened = HealthServer(lag, self.monitor.look, metrics, CONTENT_TYPE)
        try:
            await opened.open(port, host)
        except OSError as error:
            # The bot works without it.
            log.error("port %d of TUTOR_HEALTH_PORT cannot be opened: %s", port, error.strerror)
            await opened.close()
            return
        self._server = opened
        log.info("health on http://%s:%d", host, port)


async def setup(bot: TutorClient) -> None:
    await bot.add_cog(Health(bot))
