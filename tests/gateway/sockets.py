"""Discord's gateway: sessions that outlive their sockets, heartbeats, and every way to lose a connection."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSCloseCode, web

from tests.gateway.faults import cut
from tests.gateway.world import TOKEN, Json, World, snowflake

_PRIVILEGED = (1 << 1) | (1 << 8) | (1 << 15)
_MOST_SENT = 120
"""How often a bot may send within a minute."""
_BETWEEN_IDENTIFIES_S = 5.0


@dataclass(slots=True, eq=False)
class Socket:
    """One connection; events go through it one after the other, compressed in one stream."""

    request: web.Request
    wire: web.WebSocketResponse
    stream: Any = field(default_factory=zlib.compressobj)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    beats: list[float] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)
    let_go: bool = False
    """The end of it is our doing, so its session lives on."""
    begun_at: float = field(default_factory=time.monotonic)

    async def send(self, body: Json) -> bool:
        """Send a packet; returns False when the connection is closed."""
        async with self.turn:
            if self.wire.closed:
                return False
            packed = self.stream.compress(json.dumps(body).encode()) + self.stream.flush(zlib.Z_SYNC_FLUSH)
            await self.wire.send_bytes(packed)
            return True


@dataclass(slots=True, eq=False)
class Session:
    """What a bot may come back to: everything it was to hear, by number."""

    id: str = field(default_factory=snowflake)
    events: list[Json] = field(default_factory=list)
    socket: Socket | None = None
    shard: int = 0


class Gateway:
    """Hello, identify, resume, heartbeats; and what a test lets happen to them."""

    def __init__(
        self, world: World, violations: list[str], *, beat_s: float, shared: bool = False, shards: int | None = None
    ) -> None:
        """Take how often a heartbeat is wanted; `shared` lets several bots have a session each at the same time.

        With `shards` each session hears of its servers only, as Discord does it.
        """
        self.world = world
        self.shared = shared
        self.shards = shards
        self.max_concurrency = 1
        self.identify_violations = 0
        """How many IDENTIFYs came within five seconds of another of their bucket."""
        self.doubled_shards = 0
        """How often a shard was begun while another connection had it."""
        self._identified_at: dict[int, float] = {}
        self.violations = violations
        self.beat_s = beat_s
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self.identified = 0
        self.resumed = 0
        self.connections = 0
        self.ends_all = False
        """Connections are taken and ended at once, as by a gateway that is overloaded."""
        self.refuse_with: int | None = None
        """A close code in answer to the next identify."""
        self.late_s: list[float] = []
        """By how much each heartbeat came late."""
        self.delivered: dict[str, float] = {}
        """When the connection began on which a message was sent last, by the message's id."""

    @property
    def live(self) -> Socket | None:
        """Give the connection that hears events now."""
        return next((each.socket for each in self.sessions.values() if each.socket is not None), None)

    async def dispatch(self, event: str, data: Json) -> None:
        """Let every session hear of something that is of its shard: now, or when it comes back."""
        shard = self.shard_of(data.get("guild_id"))
        for session in [*self.sessions.values()]:
            if self.shards is None or session.shard == shard:
                await self._tell(session, event, data)

    def shard_of(self, guild: str | None) -> int:
        """Give the shard that hears of a server; what is in no server goes to shard 0."""
        return 0 if guild is None or self.shards is None else (int(guild) >> 22) % self.shards

    @property
    def live_shards(self) -> list[int]:
        """List the shards that are connected."""
        return sorted(each.shard for each in self.sessions.values() if each.socket is not None)

    async def drop_all(self) -> None:
        """Break every connection without a word."""
        for session in self.sessions.values():
            socket, session.socket = session.socket, None
            if socket is not None:
                socket.let_go = True
                cut(socket.request)

    async def drop(self) -> None:
        """Break the connection without a word."""
        if (socket := self._let_go()) is not None:
            cut(socket.request)

    async def close(self, code: int) -> None:
        """End the connection with this code."""
        if (socket := self._let_go()) is not None:
            await socket.wire.close(code=code)

    async def ask_to_reconnect(self) -> None:
        if (socket := self._let_go()) is not None:
            await socket.send({"op": 7, "d": None})

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        wanted = {"v": "10", "encoding": "json", "compress": "zlib-stream"}
        if dict(request.query) != wanted:
            self.violations.append(f"gateway asked for with {dict(request.query)}")
        socket = Socket(request, web.WebSocketResponse())
        await socket.wire.prepare(request)
        self.connections += 1
        if self.ends_all:
            await socket.wire.close(code=4000)
            return socket.wire
        session: Session | None = None
        try:
            await socket.send({"op": 10, "d": {"heartbeat_interval": int(1000 * self.beat_s)}})
            async for message in socket.wire:
                session = await self._hear(socket, json.loads(message.data)) or session
        except ConnectionResetError:
            pass
        finally:
            if session is not None and session.socket is socket:
                session.socket = None
            farewell = socket.wire.close_code in (WSCloseCode.OK, WSCloseCode.GOING_AWAY)
            if session is not None and farewell and not socket.let_go:
                self.sessions.pop(session.id, None)
        return socket.wire

    async def _hear(self, socket: Socket, body: Json) -> Session | None:
        now = time.monotonic()
        socket.heard = [at for at in socket.heard if now - at < 60] + [now]
        if len(socket.heard) > _MOST_SENT:
            self.violations.append(f"{len(socket.heard)} messages to the gateway within a minute")
        match body:
            case {"op": 1}:
                if socket.beats:
                    self.late_s.append(now - socket.beats[-1] - self.beat_s)
                socket.beats.append(now)
                await socket.send({"op": 11, "d": None})
            case {"op": 2, "d": wanted}:
                return await self._identify(socket, wanted)
            case {"op": 6, "d": wanted}:
                return await self._resume(socket, wanted)
            case _:
                self.violations.append(f"to the gateway: op {body.get('op')}")
        return None

    async def _identify(self, socket: Socket, wanted: Json) -> Session | None:
        self.identified += 1
        code, self.refuse_with = self.refuse_with, None
        if wanted["token"] != TOKEN:
            code = 4004
        elif wanted["intents"] & _PRIVILEGED:
            code = 4014
        elif self.shards is not None and not self._is_shard(wanted.get("shard")):
            code = 4010
        if code is not None:
            await socket.wire.close(code=code)
            return None
        shard = wanted["shard"][0] if self.shards is not None else 0
        if self.shards is not None:
            if self._is_too_early(shard):
                await socket.send({"op": 9, "d": False})
                return None
            self._end_older(shard)
        elif not self.shared:
            # A bot has one shard here: an older session of it is of an earlier run, and nobody will come back to it.
            self.sessions.clear()
        session = Session(socket=socket, shard=shard)
        self.sessions[session.id] = session
        guilds = [guild for guild in (self.world.guild, *self.world.more_guilds) if self.shard_of(guild) == shard]
        ready = {
            "v": 10, "user": self.world.bot_user, "session_id": session.id, "resume_gateway_url": self.url,
            "guilds": [{"id": guild, "unavailable": True} for guild in guilds], "shard": wanted.get("shard", [0, 1]),
            "application": {"id": self.world.application, "flags": 0},
        }  # fmt: skip
        await self._tell(session, "READY", ready)
        for guild in guilds:
            await self._tell(
                session, "GUILD_CREATE", self.world.guild_body(None if guild == self.world.guild else guild)
            )
        return session

    def _is_shard(self, named: Any) -> bool:
        """Say whether an IDENTIFY names one of the shards; what it should have said is a violation."""
        match named:
            case [int(shard), self.shards] if 0 <= shard < self.shards:
                return True
        self.violations.append(f"identified as shard {named} of {self.shards}")
        return False

    def _is_too_early(self, shard: int) -> bool:
        """Count an IDENTIFY; say whether its bucket had one less than five seconds ago."""
        bucket, now = shard % self.max_concurrency, time.monotonic()
        too_early = now - self._identified_at.get(bucket, float("-inf")) < _BETWEEN_IDENTIFIES_S
        self._identified_at[bucket] = now
        self.identify_violations += too_early
        return too_early

    def _end_older(self, shard: int) -> None:
        """Forget the earlier sessions of a shard; one that is connected would hear everything a second time."""
        for session in [each for each in self.sessions.values() if each.shard == shard]:
            self.doubled_shards += session.socket is not None
            del self.sessions[session.id]

    async def _resume(self, socket: Socket, wanted: Json) -> Session | None:
        session = self.sessions.get(wanted["session_id"])
        if wanted["token"] != TOKEN:
            await socket.wire.close(code=4004)
        elif session is None:
            await socket.send({"op": 9, "d": False})
        elif not 0 < wanted["seq"] <= len(session.events):
            await socket.wire.close(code=4007)
        else:
            heard = wanted["seq"]
            while heard < len(session.events):
                await self._deliver(socket, session.events[heard])
                heard += 1
            session.socket = socket
            self.resumed += 1
            await self._tell(session, "RESUMED", {})
            return session
        return None

    async def _tell(self, session: Session, event: str, data: Json) -> None:
        body = {"op": 0, "t": event, "s": len(session.events) + 1, "d": data}
        session.events.append(body)
        if session.socket is not None:
            try:
                await self._deliver(session.socket, body)
            except ConnectionError:
                session.socket = None

    async def _deliver(self, socket: Socket, body: Json) -> None:
        if await socket.send(body) and body["t"] == "MESSAGE_CREATE" and "id" in body["d"]:
            self.delivered[body["d"]["id"]] = socket.begun_at

    def _let_go(self) -> Socket | None:
        socket = self.live
        for session in self.sessions.values():
            session.socket = None
        if socket is not None:
            socket.let_go = True
        return socket
