"""Shows the progress of a build by editing the response of its command."""

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


class ProgressMessage:
    """An async context manager: inside of it, the response of the interaction shows the progress."""

    def __init__(
        self, interaction: discord.Interaction[Any], now: Callable[[], datetime], job: Callable[[], JobState | None]
    ) -> None:
        """`job` returns the state of the build, with its place in the queue; None when there is no build."""
        self._interaction = interaction
        self._now = now
        self._job = job
        self._done = self._total = 0
        self._began: datetime | None = None
        self._editing: asyncio.Task[None] | None = None

    def report(self, done: int, total: int) -> None:
        """Set how many of the texts are encoded."""
        self._began = self._began or self._now()
        self._done, self._total = done, total

    async def __aenter__(self) -> Self:
        self._editing = asyncio.create_task(self._edit_repeatedly())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._editing is not None
        self._editing.cancel()
        await asyncio.gather(self._editing, return_exceptions=True)

    async def show(self, view: discord.ui.LayoutView) -> None:
        """Replace the response. Discord takes no edit after 15 minutes; /library status shows the result then."""
        try:
            await self._interaction.edit_original_response(view=view)
        except discord.HTTPException as error:
            log.info("the result of a build waits in /library status: %s (code %d)", error.status, error.code)

    async def _edit_repeatedly(self) -> None:
        shown: object = None
        while True:
            job = self._job()
            if (job, self._done) != shown:
                shown = job, self._done
                await self.show(self._view(job))
            await asyncio.sleep(_EVERY_S)

    def _view(self, job: JobState | None) -> discord.ui.LayoutView:
        if self._began is None or not self._total:
            return building_view(job)
        seconds = max((self._now() - self._began).total_seconds(), 0.1)
        rate = self._done / seconds
        end = self._now() + timedelta(seconds=(self._total - self._done) / rate) if rate else None
        return building_view(job, self._done, self._total, rate, end)
