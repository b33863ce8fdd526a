"""Closes public rounds when their time is over, also rounds that were opened before a restart."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

from bot.errors import BotError, QuizError, StoreError
from bot.learning.rounds import RoundState
from bot.ui.error_handler import explain
from bot.ui.quiz.round import round_view

if TYPE_CHECKING:
    from bot.ui.client import TutorClient

log = logging.getLogger(__name__)

_LEFT_OVER_EVERY_S = 10


class RoundCloser(commands.Cog):
    """Runs one sleeping task for each open round.

    Where several processes share a database, each has tasks for the rounds that it opened, and one at a time looks for
    what the others left: rounds that are overdue, or closed and not shown.
    """

    def __init__(self, bot: TutorClient) -> None:
        self.bot = bot
        self._tasks: set[asyncio.Task[None]] = set()

    async def cog_load(self) -> None:
        if self.bot.services.store.coordination.is_shared:
            self.look_for_left_over.start()
            return
        for waiting in await self.bot.services.rounds.pending():
            self.watch(waiting.id, waiting.closes_at)

    async def cog_unload(self) -> None:
        self.look_for_left_over.cancel()
        for task in self._tasks:
            task.cancel()

    def watch(self, round_id: int, closes_at: datetime) -> None:
        """Close a round at this time, at once when it has passed."""
        task = asyncio.create_task(self._close(round_id, closes_at))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @tasks.loop(seconds=_LEFT_OVER_EVERY_S)
    async def look_for_left_over(self) -> None:
        """Close what is overdue and show what is not shown, unless another process does."""
        try:
            async with self.bot.services.store.coordination.alone("rounds") as is_ours:
                overdue, unshown = await self.bot.services.rounds.left_over() if is_ours else ([], [])
                for round_id in overdue:
                    await self._close_now(round_id)
                for round_id in unshown:
                    await self._show_now(round_id)
        except Exception as error:  # one failure must not end the task
            explain(error)

    async def _close(self, round_id: int, closes_at: datetime) -> None:
        await asyncio.sleep(max(0.0, (closes_at - self.bot.services.now()).total_seconds()))
        await self._close_now(round_id)

    async def _close_now(self, round_id: int) -> None:
        try:
            state = await self.bot.services.rounds.close_overdue(round_id)
        except BotError as error:
            log.warning("round %d could not be closed: %s", round_id, type(error).__name__)
        else:
            if state is not None:
                await self._show(round_id, state)

    async def _show_now(self, round_id: int) -> None:
        try:
            state = await self.bot.services.rounds.state(round_id)
        except QuizError:  # its server's data was deleted
            await self.bot.services.rounds.note_shown(round_id)
        else:
            await self._show(round_id, state)

    async def _show(self, round_id: int, state: RoundState) -> None:
        try:
            if state.round.message is not None:
                place = self.bot.get_partial_messageable(state.round.channel)
                await place.get_partial_message(state.round.message).edit(view=round_view(state))
            await self.bot.services.rounds.note_shown(round_id)
        except (discord.NotFound, discord.Forbidden) as error:
            # The message or channel was deleted; the round is closed.
            log.warning("round %d could not be shown as closed: %s", round_id, type(error).__name__)
            await self.bot.services.rounds.note_shown(round_id)
        except (StoreError, discord.HTTPException) as error:
            log.warning("round %d is not shown as closed yet: %s", round_id, type(error).__name__)
