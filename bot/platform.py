"""Points discord.py at another API than Discord's own: a proxy in front of it, or a server that speaks the same."""

from __future__ import annotations

import aiohttp
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

_PATIENCE = aiohttp.ClientTimeout(total=30)


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
