"""Hands sessions of Discord's gateway to another process, which resumes them: Discord replays what came in between.

discord.py resumes within one process only. A session goes over with what it knows of its servers, which Discord tells
once, when a session begins. A session that Discord does not know any more becomes a new one.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Self
from weakref import WeakKeyDictionary

import aiohttp
import discord.shard
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from yarl import URL

log = logging.getLogger(__name__)

_FORMAT = 1
_LIVES_ON = 4000
"""A close code after which Discord keeps a session for some minutes; 1000 and 1001 end it."""
_IS_GONE = (4007, 4009)
"""Close codes of Discord for a sequence or a session that it does not know."""
_CLOSED_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Session:
    """A session after the event `sequence`; `guilds` have the form of Discord's GUILD_CREATE."""

    shard: int
    id: str
    sequence: int
    gateway: str
    guilds: list[dict[str, Any]]

    def to_json(self) -> str:
        """Return it as text for another process."""
        return json.dumps({"format": _FORMAT, **asdict(self)})

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """Read what a process has left; None when it is of another version."""
        row = json.loads(text)
        if row.get("format") != _FORMAT:
            return None
        return cls(row["shard"], row["id"], row["sequence"], row["gateway"], row["guilds"])


def resume_left_sessions() -> None:
    """Patch discord.py so that sharded clients of this process resume what `resume` names."""
    discord.shard.DiscordWebSocket = _Socket  # type: ignore[misc]


def resume(client: discord.AutoShardedClient, session: Session) -> None:
    """Let the next connection of a session's shard resume it; to be called before that is launched."""
    state: Any = client._connection
    assert client.user is not None
    known = {"user": client.user._to_minimal_user_json(), "shard": [session.shard, state.shard_count]}
    state.parse_ready({**known, "guilds": session.guilds})
    _left.setdefault(client, {})[session.shard] = session


async def leave(client: discord.AutoShardedClient, shards: Collection[int]) -> list[Session]:
    """Close the connections of shards so that another process can resume them; what comes later is replayed there."""
    running: dict[int, discord.shard.Shard] = client._AutoShardedClient__shards  # type: ignore[attr-defined]
    left = [running.pop(shard) for shard in shards if shard in running]
    for shard in left:
        shard._cancel_task()
    closing = [asyncio.create_task(shard.ws.close(code=_LIVES_ON)) for shard in left]
    if closing:
        await asyncio.wait(closing, timeout=_CLOSED_WITHIN_S)
    sessions = []
    for shard in left:
        guilds = [guild for guild in client.guilds if guild.shard_id == shard.id]
        if shard.ws.session_id is not None and shard.ws.sequence is not None:
            told, gateway = [_told(guild) for guild in guilds], str(shard.ws.gateway.with_query(None))
            sessions.append(Session(shard.id, shard.ws.session_id, shard.ws.sequence, gateway, told))
        for guild in guilds:
            client._connection._remove_guild(guild)
    return sessions


def _told(guild: discord.Guild) -> dict[str, Any]:
    """Return what the bot uses of a server."""
    roles = [
        {"id": str(role.id), "name": role.name, "permissions": str(role.permissions.value), "position": role.position}
        for role in guild.roles
    ]
    return {"id": str(guild.id), "name": guild.name, "unavailable": guild.unavailable, "roles": roles}


_left: WeakKeyDictionary[discord.Client, dict[int, Session]] = WeakKeyDictionary()


class _Socket(DiscordWebSocket):
    @classmethod
    async def from_client(cls, client: discord.Client, **given: Any) -> Self:
        """Resume the session that was left, once; otherwise do what was asked for."""
        session = _left.get(client, {}).pop(given.get("shard_id", -1), None)
        if session is None:
            return await super().from_client(client, **given)
        try:
            known = {"session": session.id, "sequence": session.sequence, "gateway": URL(session.gateway)}
            return await super().from_client(client, **{**given, **known, "resume": True})
        except (OSError, aiohttp.ClientError, TimeoutError) as error:
            log.warning("the session of shard %d cannot be resumed (%s)", session.shard, type(error).__name__)
            return await super().from_client(client, **given)

    async def poll_event(self) -> None:
        """Begin a new session when Discord does not know this one; discord.py would try to resume it for ever."""
        try:
            await super().poll_event()
        except ReconnectWebSocket as again:
            if again.resume and self.socket.close_code in _IS_GONE:
                self.session_id = self.sequence = None
                raise ReconnectWebSocket(self.shard_id, resume=False) from None
            raise
