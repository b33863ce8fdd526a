"""Runs the compactions of the store: one serves all deletions that wait for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

_REST = 9
_REST_FROM_S = 0.1


class Compactions:
    """Limits compactions, during which nobody else can write, to a tenth of the time.

    One that took `t` seconds is followed by a pause of 9 `t`; below 0.1 s there is no pause.
    """

    def __init__(self, compact: Callable[[], Awaitable[None]]) -> None:
        self._compact = compact
        self._running = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        self._rested_at = 0.0

    async def run(self) -> None:
        """Return when a compaction that began after this call has ended; raises what it raised."""
        if self._next is None:
            self._next = asyncio.create_task(self._one())
        await asyncio.shield(self._next)

    async def _one(self) -> None:
        async with self._running:
            if (rest := self._rested_at - time.perf_counter()) > 0:
                await asyncio.sleep(rest)
            self._next = None  # a deletion that comes from now on needs another one
            began = time.perf_counter()
            try:
                await self._compact()
            finally:
                took = time.perf_counter() - began
                self._rested_at = time.perf_counter() + (_REST * took if took > _REST_FROM_S else 0)
