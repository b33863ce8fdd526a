"""Measures how long an interaction waits for our first response, by watching the request that carries it."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace

import aiohttp
from cachetools import FIFOCache

from bot.observability.events import Acknowledged, Observe

_CALLBACK = re.compile(r"/interactions/(\d+)/[^/]+/callback$")
# An interaction that is never responded to is forgotten when so many others have come after it.
_MOST_OPEN = 1000


class Acknowledgements:
    """Told when interactions arrive; `trace` sees them answered."""

    def __init__(self, observe: Observe) -> None:
        self._observe = observe
        self._arrived: FIFOCache[int, float] = FIFOCache(_MOST_OPEN)

    def arrived(self, interaction: int) -> None:
        """Take note that the interaction of this id is here."""
        self._arrived[interaction] = time.perf_counter()

    def trace(self) -> aiohttp.TraceConfig:
        """Give the eyes for the session that speaks to Discord."""
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
