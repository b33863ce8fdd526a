"""The health port: `/healthz`, `/readyz` and `/metrics`."""

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
    """The metrics, as far as the port needs them."""

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""


class HealthServer:
    """Serves the health port; no request changes anything."""

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

    async def open(self, port: int, host: str = HOST) -> None:
        """Listen on a port; raises OSError when it is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    async def close(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _healthz(self, request: web.Request) -> web.Response:
        # An answer of any kind shows that the event loop runs.
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
