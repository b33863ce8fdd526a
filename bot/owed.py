"""Counts what people are still to be told, so that the bot can end when nobody waits any more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Owed:
    """The replies under way."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one reply while it is made and sent."""
        self._count += 1
        self._none.clear()
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self._none.set()

    async def settled(self, within_s: float) -> None:
        """Return when nothing is owed any more, or after so many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._none.wait(), within_s)
