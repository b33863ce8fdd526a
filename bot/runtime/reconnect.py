"""Reconnects a client to Discord's gateway: back-off bounded to seconds, RESUME before IDENTIFY, one log line a try."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import discord.shard
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

log = logging.getLogger(__name__)

# discord.py doubles the bound of its waits up to 17 minutes. Here a wait is at most half of what the outage has lasted,
# and between 1 and 15 s: a bot is back at most 4 s after an outage of 8 s, at most 15 s after a longer one. Discord's
# limits allow it: failed connections and RESUME are not counted; IDENTIFY is, and `IdentifyPace` keeps its limit. The
# random half of each wait spreads the many bots that an outage cuts off in the same second.
_SHARE = 0.5
_SHORTEST_S = 1.0
_LONGEST_S = 15.0
# Longer than the longest wait and discord.py's time limit of a try (60 s): so long without a failure, it was connected.
_OVER_S = 90.0
# Two attempts to resume within this time had a connection between them that did not last.
_SOON_S = 5.0

# Discord: one IDENTIFY within 5 s, and 1000 within 24 h, after which it resets the token.
_BETWEEN_IDENTIFIES_S = 5.0
_IDENTIFIES = 450
_PERIOD_S = 12 * 3600.0


class Backoff:
    """The waits between attempts to connect; discord.py calls `delay`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take a clock in seconds."""
        self._clock = clock
        self._began_at = self._failed_at = -math.inf

    def delay(self) -> float:
        """Give the seconds to wait after an attempt that failed now: between half and all of the bound."""
        now = self._clock()
        if now - self._failed_at > _OVER_S:
            self._began_at = now
        self._failed_at = now
        bound = min(max(_SHARE * (now - self._began_at), _SHORTEST_S), _LONGEST_S)
        return random.uniform(bound / 2, bound)


class IdentifyPace:
    """Keeps Discord's limits on IDENTIFY, also when a gateway accepts every session and drops it again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take a clock in seconds."""
        self._clock = clock
        self._sent_at: deque[float] = deque(maxlen=_IDENTIFIES)

    def wait_s(self) -> float:
        """Give the seconds until the next IDENTIFY may be sent."""
        now = at = self._clock()
        if self._sent_at:
            at = max(at, self._sent_at[-1] + _BETWEEN_IDENTIFIES_S)
        if len(self._sent_at) == _IDENTIFIES:
            at = max(at, self._sent_at[0] + _PERIOD_S)
        return at - now

    def sent(self) -> None:
        """Count an IDENTIFY that is sent now."""
        self._sent_at.append(self._clock())

    async def turn(self) -> None:
        """Return when an IDENTIFY may be sent, and count it."""
        wait_s = self.wait_s()
        if wait_s > _BETWEEN_IDENTIFIES_S:
            log.warning("Discord's limit on new sessions is near: the next one begins in %.0f s", wait_s)
        await asyncio.sleep(wait_s)
        self.sent()


class _Shard(discord.shard.Shard):
    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._backoff: Any = Backoff()
        self._resumed_at = -math.inf

    async def reidentify(self, exc: ReconnectWebSocket) -> None:
        """Identify or resume, after a pause when the last attempt was less than _SOON_S ago."""
        if exc.resume and time.monotonic() - self._resumed_at < _SOON_S:
            await asyncio.sleep(random.uniform(_SHORTEST_S / 2, _SHORTEST_S))
        self._resumed_at = time.monotonic()
        await super().reidentify(exc)

    async def reconnect(self) -> None:
        """Resume at Discord's general address, since the session's own host may be down.

        discord.py would identify again, which loses the events in between and counts against Discord's limit.
        """
        self.ws.gateway = DiscordWebSocket.DEFAULT_GATEWAY
        self._resumed_at = time.monotonic()
        await super().reidentify(ReconnectWebSocket(self.id, resume=self.ws.session_id is not None))

    async def _handle_disconnect(self, e: Exception) -> None:
        """Wait in a task, because discord.py handles the shards one after the other."""
        self._task = self._client.loop.create_task(super()._handle_disconnect(e))


class _OneLine(logging.Filter):
    """Turns discord.py's traceback of each failed attempt into the name of the error."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and (error := record.exc_info[1]) is not None:
            record.msg = f"{record.getMessage()} ({type(error).__name__})"
            record.args, record.exc_info, record.exc_text = (), None, None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


_ONE_LINE = _OneLine()  # one object: a logger takes a filter only once


def reconnect_within_seconds() -> None:
    """Patch discord.py so that sharded clients of this process reconnect by this module's rules."""
    discord.shard.Shard = _Shard  # type: ignore[assignment,misc]
    logging.getLogger(discord.shard.__name__).addFilter(_ONE_LINE)
