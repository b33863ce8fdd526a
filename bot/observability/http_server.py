"""Answers on loopback how the bot is: alive, ready, and in numbers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from aiohttp import web

from bot.observability.latency import LoopLag
from bot.observability.status import Condition, Part

HOST = "127.0.0.1"
_ENDING_S = 1.0


class Numbers(Protocol):
    """What the port asks of the metrics: everything as text, and what kind of text that is."""

    def text(self) -> bytes: ...


class HealthServer:
    """Three pages, of which none changes anything."""

    def __init__(
        self,
        pulse: LoopLag,
        look: Callable[[], Awaitable[Mapping[Part, Condition]]],
        numbers: Numbers,
        content_type: str,
    ) -> None:
        self._pulse = pulse
        self._look = look
        self._numbers = numbers
        self._content_type = content_type
        app = web.Application()
        app.add_routes(
            [web.get("/healthz", self._healthz), web.get("/readyz", self._readyz), web.get("/metrics", self._metrics)]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_ENDING_S)

    async def open(self, port: int) -> None:
        """Listen; raises OSError when somebody else does already."""
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port).start()

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _healthz(self, request: web.Request) -> web.Response:
        # That this is answered at all says that the loop turns.
        stalls = {"last_stall_s": self._pulse.last_stall_s, "longest_stall_s": self._pulse.longest_stall_s}
        return _json(200, {"state": "alive", **stalls})

    async def _readyz(self, request: web.Request) -> web.Response:
        found = await self._look()
        ready = all(condition.is_fine for condition in found.values())
        parts = {
            part.value: {"state": each.word, "is_fine": each.is_fine, "sentence": each.sentence}
            for part, each in found.items()
        }
        return _json(200 if ready else 503, {"ready": ready, **parts})

    async def _metrics(self, request: web.Request) -> web.Response:
        return web.Response(body=self._numbers.text(), headers={"Content-Type": self._content_type})


def _json(status: int, content: Mapping[str, object]) -> web.Response:
    text = json.dumps(content, ensure_ascii=False) + "\n"
    return web.Response(status=status, text=text, content_type="application/json")
