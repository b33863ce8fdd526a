"""What discord.py lacks in speaking to Discord: another address, and patience with broken connections and events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord.webhook.async_ import AsyncWebhookAdapter, async_context
from yarl import URL

log = logging.getLogger(__name__)

_PATIENCE = aiohttp.ClientTimeout(total=30)
# An interaction has to be acknowledged within three seconds, so the first time is not far.
_AGAIN_AFTER_S = (0.5, 1.5, 3.0)
_ALREADY_ACKNOWLEDGED = 40060


async def speak_to(api: str) -> None:
    """Use the API with this base address, such as `https://discord.com/api/v10`, from now on in this process.

    To be called before a client is made. Raises aiohttp.ClientError or TimeoutError when it cannot be reached.
    """
    async with (
        aiohttp.ClientSession(timeout=_PATIENCE, raise_for_status=True) as session,
        session.get(f"{api}/gateway") as response,
    ):
        gateway = (await response.json())["url"]
    Route.BASE = api
    # What a client connects to at first the API tells it; with this, where it begins anew after a lost session.
    DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway)


def be_patient(client: discord.Client) -> None:
    """Let a client that is logged in send again what was lost with its connection.

    discord.py does so by the numbers that macOS and Windows have for it; on Linux it gives up at once.
    """
    request = client.http.request

    async def patient(*args: Any, **kwargs: Any) -> Any:
        return await _again(lambda: request(*args, **kwargs), kwargs)

    client.http.request = patient  # type: ignore[method-assign]
    async_context.set(_PatientAdapter())  # type: ignore[no-untyped-call]


def pass_over_unreadable(client: discord.Client) -> None:
    """Let a client go on after an event that it cannot read; discord.py ends with the first one.

    All but the event that a connection begins with: without that one nothing could be understood.
    """
    parsers = client._connection.parsers
    for name, parse in [*parsers.items()]:
        if name != "READY":
            parsers[name] = _passing_over(name, parse)


def _passing_over(name: str, parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def parsed(data: Any) -> Any:
        try:
            return parse(data)
        except Exception as error:
            # The error itself may repeat what somebody wrote.
            log.warning("an event from Discord cannot be read and is passed over: %s (%s)", name, type(error).__name__)
            log.debug("what kept it from being read", exc_info=error)
            return None

    return parsed


class _PatientAdapter(AsyncWebhookAdapter):
    """Sends what belongs to interactions: they go by another door than everything else."""

    async def request(self, route: Route, session: aiohttp.ClientSession, **kwargs: Any) -> Any:
        ask = super().request
        try:
            return await _again(lambda: ask(route, session, **kwargs), kwargs)
        except discord.HTTPException as error:
            if error.code != _ALREADY_ACKNOWLEDGED:
                raise
            # It had arrived, and only the answer to it was lost.
            return {"interaction": {"id": route.webhook_id, "type": 0}}


async def _again(send: Callable[[], Awaitable[Any]], kwargs: dict[str, Any]) -> Any:
    for wait_s in _AGAIN_AFTER_S:
        try:
            return await send()
        except (aiohttp.ClientConnectionError, ConnectionError) as lost:
            log.info("a connection to Discord broke (%s); trying again in %s s", type(lost).__name__, wait_s)
        await asyncio.sleep(wait_s)
        for file in kwargs.get("files") or ():
            file.reset(seek=True)
    return await send()
