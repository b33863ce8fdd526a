"""Patches of discord.py: another API address, retries of broken connections, tolerance of unreadable events."""

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
# An interaction has to be acknowledged within three seconds, so the first retry comes soon.
_AGAIN_AFTER_S = (0.5, 1.5, 3.0)
_ALREADY_ACKNOWLEDGED = 40060


async def speak_to(api: str) -> None:
    """Use the API at this address, such as `https://discord.com/api/v10`, in this process.

    Call it before a client is made. Raises aiohttp.ClientError or TimeoutError when the API cannot be reached.
    """
    async with (
        aiohttp.ClientSession(timeout=_PATIENCE, raise_for_status=True) as session,
        session.get(f"{api}/gateway") as response,
    ):
        gateway = (await response.json())["url"]
    Route.BASE = api
    # The API names the gateway for the first connection; this one is used after a session is lost.
    DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway)


def be_patient(client: discord.Client) -> None:
    """Let a logged-in client repeat requests whose connection broke.

    discord.py does so for the error numbers of macOS and Windows; on Linux it gives up at once.
    """
    request = client.http.request

    async def patient(*args: Any, **kwargs: Any) -> Any:
        return await _again(lambda: request(*args, **kwargs), kwargs)

    client.http.request = patient  # type: ignore[method-assign]
    async_context.set(_PatientAdapter())  # type: ignore[no-untyped-call]


def pass_over_unreadable(client: discord.Client) -> None:
    """Let a client ignore an event that it cannot parse, which would end discord.py.

    READY, the first event of a connection, is excepted: the client does not work without it.
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
            # The message of the error may repeat what somebody wrote.
            log.warning("an event from Discord cannot be read and is passed over: %s (%s)", name, type(error).__name__)
            log.debug("what kept it from being read", exc_info=error)
            return None

    return parsed


class _PatientAdapter(AsyncWebhookAdapter):
    """Repeats the requests of interactions, which discord.py sends through this adapter."""

    async def request(self, route: Route, session: aiohttp.ClientSession, **kwargs: Any) -> Any:
        ask = super().request
        try:
            return await _again(lambda: ask(route, session, **kwargs), kwargs)
        except discord.HTTPException as error:
            if error.code != _ALREADY_ACKNOWLEDGED:
                raise
            # The first try had arrived, and only its response was lost.
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
