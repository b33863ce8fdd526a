"""Discord's limit on messages to one channel, with the headers by which a bot is to keep it."""

from __future__ import annotations

import time
from dataclasses import dataclass

_WINDOW_S = 5.0


@dataclass(slots=True)
class _Window:
    begun_at: float
    sent: int = 0


class Buckets:
    """Counts the messages to each channel; Discord allows five, and five seconds after the first of them five more."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._windows: dict[str, _Window] = {}

    def take(self, channel: str) -> tuple[bool, dict[str, str]]:
        """Count one message; say whether it was allowed, with the headers for the answer."""
        now = time.monotonic()
        window = self._windows.get(channel)
        if window is None or now - window.begun_at >= _WINDOW_S:
            window = self._windows[channel] = _Window(now)
        allowed = window.sent < self._most
        window.sent += allowed
        after = _WINDOW_S - (now - window.begun_at)
        return allowed, {
            "Via": "1.1 google",
            "X-RateLimit-Limit": str(self._most),
            "X-RateLimit-Remaining": str(self._most - window.sent),
            "X-RateLimit-Reset": str(time.time() + after),
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": "messages",
        }
