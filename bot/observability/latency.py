"""Measures how late the event loop is, and how long an interaction waits for our first response."""

from __future__ import annotations

import asyncio
import re
import time
from types import SimpleNamespace

import aiohttp
from cachetools import FIFOCache

from bot.observability.events import Acknowledged, Observe, Stalled

TICK_S = 0.05
_CALLBACK = re.compile(r"/interactions/(\d+)/[^/]+/callback$")
_MOST_OPEN = 1000
"""Interactions without a response that are remembered; the oldest are dropped first."""


class LoopLag:
    """`last_stall_s` is how late the last tick was, `longest_stall_s` the maximum."""

    def __init__(self, observe: Observe) -> None:
        self._observe = observe
        self.last_stall_s = self.longest_stall_s = 0.0

    async def measure(self) -> None:
        """Tick until cancelled, and report after each tick how late it was."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK_S)
            self.last_stall_s = max(0.0, time.perf_counter() - began - TICK_S)
            self.longest_stall_s = max(self.longest_stall_s, self.last_stall_s)
            self._observe(Stalled(self.last_stall_s))


class Acknowledgements:
    """Takes the arrival of interactions from `arrived`, and the responses from the HTTP session's `trace`."""

    def __init__(self, observe: Observe) -> None:
        self._observe = observe
        self._arrived: FIFOCache[int, float] = FIFOCache(_MOST_OPEN)

    def arrived(self, interaction: int) -> None:
        """Record that the interaction with this id has arrived now."""
        self._arrived[interaction] = time.perf_counter()

    def trace(self) -> aiohttp.TraceConfig:
        """Return the trace configuration for the HTTP session that speaks to Discord."""
        watching = aiohttp.TraceConfig()
        watching.on_request_end.append(self._responded)
        return watching

    async def _responded(
        self, session: aiohttp.ClientSession, context: SimpleNamespace, request: aiohttp.TraceRequestEndParams
    ) -> None:
        found = _CALLBACK.search(request.url.path)
        if found is None or request.response.status >= 400:
            return
        arrived = self._arrived.pop(int(found[1]), None)
        if arrived is not None:
            self._observe(Acknowledged(time.perf_counter() - arrived))
