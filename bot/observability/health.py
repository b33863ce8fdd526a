"""Knows how the parts of the bot are: heard of when something fails, and looked at when somebody asks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from bot.observability import checks
from bot.observability.events import Event, GatewayEvent, StoreFailed
from bot.observability.status import Condition, IncidentLog, Part

# How long what was found is given to others who ask: each look writes a little.
_FRESH_S = 1.0
_LOOK_AGAIN_S = 5.0
_OPEN_AGAIN_S = 30.0


class Tutor(checks.Tutor, Protocol):
    """What is asked of the tutor: to try again, too."""

    def start(self) -> None: ...


class HealthMonitor:
    """Listens to events. While the store is in trouble it looks again by itself; at rest it costs nothing."""

    def __init__(
        self,
        data: Path,
        tutor: Tutor,
        store: checks.Store,
        *,
        connected: Callable[[], bool],
        closing: Callable[[], bool],
    ) -> None:
        """Take the parts; `connected` says whether Discord was reached at all, `closing` whether the bot ends."""
        self._data = data
        self._tutor = tutor
        self._store = store
        self._connected = connected
        self._closing = closing
        self._incidents = IncidentLog()
        self._down: set[int] = set()
        self._looking = asyncio.Lock()
        self._found: Mapping[Part, Condition] = {}
        self._found_at = self._opened_at = float("-inf")
        self._mending: asyncio.Task[None] | None = None

    def __call__(self, event: Event) -> None:
        match event:
            case StoreFailed(trouble, reason):
                self._incidents.report(Part.STORE, checks.store_trouble(trouble, reason))
                if self._mending is None:
                    self._mending = asyncio.create_task(self._until_mended())
            case GatewayEvent("disconnect", shard):
                self._down.add(shard)
                self._incidents.report(Part.GATEWAY, self._gateway())
            case GatewayEvent(_, shard):
                self._down.discard(shard)
                self._incidents.report(Part.GATEWAY, self._gateway())

    async def look(self) -> Mapping[Part, Condition]:
        """Say how every part is now, or was within the last second."""
        async with self._looking:
            if time.monotonic() - self._found_at >= _FRESH_S:
                self._open_again()
                store, disk = await asyncio.gather(checks.store(self._store), checks.disk(self._data))
                self._found = {
                    Part.GATEWAY: self._gateway(),
                    Part.LIBRARY: checks.library(self._tutor),
                    Part.STORE: store,
                    Part.DISK: disk,
                }
                self._found_at = time.monotonic()
                for part, condition in self._found.items():
                    # The store lies in the same folder: what keeps both from being written is one trouble.
                    if part is not Part.DISK or not store.is_trouble:
                        self._incidents.report(part, condition)
            return self._found

    async def close(self) -> None:
        """Look no more."""
        if self._mending is not None:
            self._mending.cancel()
            await asyncio.gather(self._mending, return_exceptions=True)

    def _gateway(self) -> Condition:
        return checks.gateway(ready=self._connected(), down=len(self._down), closing=self._closing())

    def _open_again(self) -> None:
        """Have a library that could not be opened opened again, now and then: it may have been mended."""
        if self._tutor.fault is not None and time.monotonic() - self._opened_at >= _OPEN_AGAIN_S:
            self._opened_at = time.monotonic()
            self._tutor.start()

    async def _until_mended(self) -> None:
        try:
            while self._incidents.is_in(Part.STORE):
                await asyncio.sleep(_LOOK_AGAIN_S)
                await self.look()
        finally:
            self._mending = None
