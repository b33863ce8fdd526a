"""Discord's limit on messages to one channel, with the headers by which a bot is to keep it."""

from __future__ import annotations

import time
from collections import defaultdict, deque

_WINDOW_S = 5.0


class Buckets:
    """Counts the messages of the last seconds by channel; Discord allows five in five seconds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._sent: defaultdict[str, deque[float]] = defaultdict(deque)

    def take(self, channel: str) -> tuple[bool, dict[str, str]]:
        """Count one message; say whether it was allowed, with the headers for the answer."""
        sent, now = self._sent[channel], time.monotonic()
        while sent and now - sent[0] > _WINDOW_S:
            sent.popleft()
        allowed = len(sent) < self._most
        if allowed:
            sent.append(now)
        after = max(_WINDOW_S - (now - sent[0]), 0.001)
        return allowed, {
            "Via": "1.1 google",
            "X-RateLimit-Limit": str(self._most),
            "X-RateLimit-Remaining": str(self._most - len(sent)),
            "X-RateLimit-Reset": str(time.time() + after),
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": "messages",
        }
