"""Closes public rounds when their time is over, also rounds that were opened before a restart."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.errors import BotError
from bot.ui.quiz.round import round_view

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

log = logging.getLogger(__name__)


class RoundCloser(commands.Cog):
    """Runs one sleeping task for each open round."""

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot
        self._tasks: set[asyncio.Task[None]] = set()

    async def cog_load(self) -> None:
        for waiting in await self.bot.services.rounds.pending():
            self.watch(waiting.id, waiting.closes_at)

    async def cog_unload(self) -> None:
        for task in self._tasks:
            task.cancel()

    def watch(self, round_id: int, closes_at: datetime) -> None:
        """Close a round at this time, at once when it has passed."""
        task = asyncio.create_task(self._close(round_id, closes_at))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _close(self, round_id: int, closes_at: datetime) -> None:
        await asyncio.sleep(max(0.0, (closes_at - self.bot.services.now()).total_seconds()))
        try:
            state = await self.bot.services.rounds.close(round_id)
            if state.round.message is not None:
                place = self.bot.get_partial_messageable(state.round.channel)
                await place.get_partial_message(state.round.message).edit(view=round_view(state))
        except (BotError, discord.HTTPException) as error:
            # The message or channel was deleted; the round is closed.
            log.warning("round %d could not be shown as closed: %s", round_id, type(error).__name__)
