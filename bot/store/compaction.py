"""Runs compactions of the store, one for all deletions that wait for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

_PAUSE = 9  # times the duration of a compaction
_PAUSE_FROM_S = 0.1


class Compactions:
    """Limits compactions, which block all writers, to a tenth of the time.

    One that took `t` seconds is followed by a pause of 9 `t`; below 0.1 s there is no pause.
    """

    def __init__(self, compact: Callable[[], Awaitable[None]]) -> None:
        self._compact = compact
        self._running = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        self._paused_until = 0.0

    async def run(self) -> None:
        """Wait for a compaction that begins after this call; raises what it raises."""
        if self._next is None:
            self._next = asyncio.create_task(self._one())
        await asyncio.shield(self._next)

    async def _one(self) -> None:
        async with self._running:
            if (pause := self._paused_until - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            self._next = None  # later deletions need another one
            began = time.perf_counter()
            try:
                await self._compact()
            finally:
                took = time.perf_counter() - began
                self._paused_until = time.perf_counter() + (_PAUSE * took if took > _PAUSE_FROM_S else 0)
