"""What goes wrong between a bot and Discord, as scripted by a test: limits, errors, slowness, broken connections."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from tests.gateway.world import as_json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that happens instead of an answer, or with `done` although the request was carried out."""

    status: int | None = None
    retry_after_s: float = 0.2
    everywhere: bool = False
    """The limit is of the whole bot, not of the route."""
    slow_s: float = 0.0
    reset: bool = False
    done: bool = False


@dataclass(slots=True)
class Script:
    """The faults that wait: each happens once, to the first request whose `METHOD path` matches."""

    waiting: list[tuple[re.Pattern[str], Fault]] = field(default_factory=list)

    def add(self, route: str, *faults: Fault) -> None:
        """Let these happen one after the other on requests that match a pattern, such as `POST .*/messages`."""
        self.waiting += [(re.compile(route), fault) for fault in faults]

    def next(self, method: str, path: str) -> Fault | None:
        for place, (route, fault) in enumerate(self.waiting):
            if route.fullmatch(f"{method} {path}"):
                del self.waiting[place]
                return fault
        return None


async def happen(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a fault happen to this request."""
    await asyncio.sleep(fault.slow_s)
    answer = await handler(request) if fault.done or (fault.status is None and not fault.reset) else None
    if fault.reset:
        cut(request)
        raise ConnectionResetError
    if fault.status is None:
        assert answer is not None
        return answer
    if fault.status == 429:
        return _limited(fault)
    return web.Response(status=fault.status, text="<html>upstream</html>", content_type="text/html")


def cut(request: web.Request) -> None:
    """Break the connection at once, as a router that forgot it does: reset, no farewell."""
    assert request.transport is not None
    # Lingering for no time makes the kernel send RST in place of FIN.
    request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()


def _limited(fault: Fault) -> web.Response:
    after = str(fault.retry_after_s)
    headers = {"Via": "1.1 google", "Retry-After": after, "X-RateLimit-Scope": "user"}
    if fault.everywhere:
        headers |= {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
    body = {"message": "You are being rate limited.", "retry_after": fault.retry_after_s, "global": fault.everywhere}
    return as_json(body, status=429, headers=headers)
