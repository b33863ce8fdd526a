"""Tracks component health from failure events and from probes run on demand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from bot.observability import checks
from bot.observability.events import Event, GatewayEvent, StoreFailed
from bot.observability.status import Condition, IncidentLog, Part

# Results are reused for this time, because each probe writes to the disk.
_FRESH_S = 1.0
_LOOK_AGAIN_S = 5.0
_OPEN_AGAIN_S = 30.0


class Tutor(checks.Tutor, Protocol):
    """The answering engine, which can be asked to open the library again."""

    def start(self) -> None:
        """Open the library again after a failure."""


class HealthMonitor:
    """Listens to events. After a failure of the store it probes by itself until the store works again."""

    def __init__(
        self,
        data: Path,
        tutor: Tutor,
        store: checks.Store,
        *,
        connected: Callable[[], bool],
        closing: Callable[[], bool],
    ) -> None:
        """Take the parts; `connected` says whether Discord was ever reached, `closing` whether the bot ends."""
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
        """Report an incident, or that it is over."""
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
        """Return the condition of every part, at most _FRESH_S old."""
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
                    # The store is in the data folder: a failure of both is one incident.
                    if part is not Part.DISK or not store.is_trouble:
                        self._incidents.report(part, condition)
            return self._found

    async def close(self) -> None:
        """Stop probing."""
        if self._mending is not None:
            self._mending.cancel()
            await asyncio.gather(self._mending, return_exceptions=True)

    def _gateway(self) -> Condition:
        return checks.gateway(ready=self._connected(), down=len(self._down), closing=self._closing())

    def _open_again(self) -> None:
        """Open a library again whose opening failed, at most every _OPEN_AGAIN_S."""
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
