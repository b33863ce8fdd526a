"""Receives notices from other processes by LISTEN on a connection of its own, and tells when some may be missed."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bot.store.coordination import Heard, Topic
from bot.store.postgresql.connecting import parameters
from bot.store.postgresql.troubles import last_line

if TYPE_CHECKING:
    from psycopg import AsyncConnection

log = logging.getLogger(__name__)

CHANNEL = "tutor"
_ALIVE_S = 20.0  # a connection that says nothing for so long is tried
_AGAIN_S = 0.5  # pause before the first new connection; doubled up to
_LONGEST_S = 8.0
_NUMBER = re.compile(r"-?\d+")


class Notices:
    """Calls what subscribed to a topic. After a lost connection every subscriber is told that notices may be missed."""

    def __init__(self, address: str, caught_up: Callable[[], Awaitable[None]]) -> None:
        """Use the database at `address`; `caught_up` is awaited whenever a connection has begun to listen."""
        self._address = address
        self._caught_up = caught_up
        self._heard: defaultdict[Topic, list[Heard]] = defaultdict(list)
        self._task: asyncio.Task[None] | None = None
        self._listens = asyncio.Event()

    def on(self, topic: Topic, heard: Heard) -> None:
        """Subscribe to a topic."""
        self._heard[topic].append(heard)

    def tell(self, topic: Topic, number: int | None) -> None:
        """Call the subscribers of a topic; an error of one does not keep the others from hearing."""
        for heard in self._heard[topic]:
            try:
                heard(number)
            except Exception:
                log.exception("a notice about %s was not taken in:", topic)

    def _hear(self, payload: str) -> None:
        """Take a notice. A topic of a later version is ignored; of one that says more, something may be missed."""
        name, _, number = payload.partition(":")
        with suppress(ValueError):
            self.tell(Topic(name), int(number) if _NUMBER.fullmatch(number) else None)

    async def start(self) -> None:
        """Begin to listen; returns when the first connection does, or after a failed attempt."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())
            waiting = asyncio.create_task(self._listens.wait())
            await asyncio.wait({self._task, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=_LONGEST_S)
            waiting.cancel()

    async def stop(self) -> None:
        """Close the connection."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        pause = _AGAIN_S
        while True:
            try:
                import psycopg

                async with await psycopg.AsyncConnection.connect(**parameters(self._address), autocommit=True) as made:
                    pause = _AGAIN_S
                    await self._listen(made)
            except Exception as error:  # whatever ended it, the next connection may work
                log.warning("no notices from other processes for now (%s)", last_line(error))
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_S)

    async def _listen(self, connection: AsyncConnection[Any]) -> None:
        await connection.execute(f"LISTEN {CHANNEL}")
        for topic in Topic:
            self.tell(topic, None)  # what was changed while nobody listened
        await self._caught_up()
        self._listens.set()
        while True:
            async for notice in connection.notifies(timeout=_ALIVE_S):
                self._hear(notice.payload)
            await connection.execute("SELECT 1")
