"""Shows the progress of a build by editing one message now and then, as long as Discord lets us."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Self

import discord

from bot.libraries.jobs import JobState
from bot.ui.builds import building_view

log = logging.getLogger(__name__)

_EVERY_S = 2.5


class Ticker:
    """While it is entered, what it hears is shown in the response of the interaction."""

    def __init__(
        self, interaction: discord.Interaction[Any], now: Callable[[], datetime], job: Callable[[], JobState | None]
    ) -> None:
        """Take the interaction to edit, the clock, and what says whether the build waits in the queue."""
        self._interaction = interaction
        self._now = now
        self._job = job
        self._done = self._total = 0
        self._began: datetime | None = None
        self._showing: asyncio.Task[None] | None = None

    def heard(self, done: int, total: int) -> None:
        """Take note of how much is done, and of how much."""
        self._began = self._began or self._now()
        self._done, self._total = done, total

    async def __aenter__(self) -> Self:
        self._showing = asyncio.create_task(self._show_now_and_then())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._showing is not None
        self._showing.cancel()
        await asyncio.gather(self._showing, return_exceptions=True)

    async def show(self, view: discord.ui.LayoutView) -> None:
        """Put this in the place of the progress; after 15 minutes Discord takes no edit, and /library status has it."""
        try:
            await self._interaction.edit_original_response(view=view)
        except discord.HTTPException as gone:
            log.info("the result of a build waits in /library status: %s (code %d)", gone.status, gone.code)

    async def _show_now_and_then(self) -> None:
        shown: object = None
        while True:
            state = self._job(), self._done
            if state != shown:
                shown = state
                await self.show(self._view(state[0]))
            await asyncio.sleep(_EVERY_S)

    def _view(self, job: JobState | None) -> discord.ui.LayoutView:
        if self._began is None or not self._total:
            return building_view(job)
        seconds = max((self._now() - self._began).total_seconds(), 0.1)
        rate = self._done / seconds
        end = self._now() + timedelta(seconds=(self._total - self._done) / rate) if rate else None
        return building_view(job, self._done, self._total, rate, end)
