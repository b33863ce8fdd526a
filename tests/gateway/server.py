"""A small Discord on loopback: real HTTP and a real WebSocket, strict with the bot, broken where a test says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import BodyPartReader, web

from tests.gateway import faults, limits
from tests.gateway.buckets import Buckets
from tests.gateway.interactions import Desk, change
from tests.gateway.sockets import Gateway
from tests.gateway.world import BODY, TOKEN, Json, World, as_json, guild_ids, snowflake, texts

API = "/api/v10"
_REFERENCE = {"message_id", "channel_id", "guild_id"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the bot; `at` is monotonic, in seconds."""

    method: str
    path: str
    at: float
    body: Json


class Server:
    """The API's routes, the gateway, and what both know; `violations` is empty as long as the bot keeps the rules."""

    def __init__(
        self, *, beat_s: float = 1.0, per_channel: int = 50, shared: bool = False, shards: int | None = None
    ) -> None:
        """Take how often a heartbeat is wanted, and how many messages within five seconds a channel takes.

        `shared` lets several bots be connected at the same time. With `shards` the bot is in so many more servers, one
        a shard, and one bot in several processes is.
        """
        self.world = World(more_guilds={guild: snowflake() for guild in guild_ids(shards or 0)})
        self.violations: list[str] = []
        self.gateway = Gateway(self.world, self.violations, beat_s=beat_s, shared=shared, shards=shards)
        self.desk = Desk(self.world, self.violations)
        self.script = faults.Script()
        self.requests: list[Request] = []
        self.commands: dict[str, Json] = {}
        self.address = ""
        self._buckets = Buckets(per_channel)
        self._nonces: dict[str, Json] = {}
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._port = 0

    @property
    def api(self) -> str:
        return self.address + API

    async def __aenter__(self) -> Self:
        api = web.Application(middlewares=[self._heard], client_max_size=2**25)
        api.router.add_routes([*self._routes(), *self.desk.routes()])
        api.router.add_route("*", "/{rest:.*}", self._unknown)
        app = web.Application()
        app.add_subapp(API, api)
        app.router.add_get("/gateway", self.gateway.connect)
        app.router.add_get("/files/{path:.*}", self._file)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1)
        await self._runner.setup()
        await self.come_back()
        self._port = self._runner.addresses[0][1]
        self.address = f"http://127.0.0.1:{self._port}"
        self.gateway.url = f"ws://127.0.0.1:{self._port}/gateway"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def go_away(self) -> None:
        """Break every connection and refuse new ones; sessions live on, as in a short outage of Discord's."""
        assert self._runner is not None
        assert self._runner.server is not None
        assert self._site is not None
        await self._site.stop()
        await self.gateway.drop_all()
        for connection in self._runner.server.connections:  # those of the API that are kept alive lead here as well
            connection.force_close()

    async def come_back(self) -> None:
        """Listen, again at the same address."""
        assert self._runner is not None
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await self._site.start()

    async def until(self, true: Callable[[], Any], within_s: float = 20.0, what: str = "") -> Any:
        """Wait until something is true, and give it; raises AssertionError after so many seconds."""
        end = time.monotonic() + within_s
        while not (found := true()):
            assert time.monotonic() < end, f"not within {within_s} s: {what}; violations: {self.violations}"
            await asyncio.sleep(0.01)
        return found

    def replies(self, asked: Json) -> list[Json]:
        """List the bot's replies to a message, oldest first."""
        return [
            each
            for each in self.world.messages.values()
            if (each.get("message_reference") or {}).get("message_id") == asked["id"]
        ]

    async def reply(self, asked: Json, within_s: float = 20.0, having: str = "") -> Json:
        """Wait for the one reply to a message that has this text in it."""
        found: Json = await self.until(
            lambda: next((each for each in self.replies(asked) if having in texts(each)), None),
            within_s,
            f"a reply to {asked['content']!r}",
        )
        return found

    def sent(self, method: str, ending: str) -> list[Request]:
        return [each for each in self.requests if each.method == method and each.path.endswith(ending)]

    def _routes(self) -> Iterable[web.RouteDef]:
        commands = f"/applications/{self.world.application}/commands"
        known = "|".join((self.world.direct, *self.world.channels, *self.world.more_guilds.values()))
        channel = f"/channels/{{channel:{known}}}"
        messages = channel + "/messages"
        return [
            web.get("/gateway", self._gateway),
            web.get("/gateway/bot", self._gateway),
            web.get("/users/@me", _given(lambda: self.world.bot_user)),
            web.get("/oauth2/applications/@me", _given(lambda: self.world.application_body())),
            web.get(commands, _given(lambda: [*self.commands.values()])),
            web.put(commands, self._register),
            web.post(channel + "/typing", _given(lambda: None)),
            web.post(messages, self._send),
            web.get(messages + "/{id}", self._read),
            web.patch(messages + "/{id}", self._edit),
            web.delete(messages + "/{id}", self._delete),
        ]

    @web.middleware
    async def _heard(self, request: web.Request, handler: faults.Handler) -> web.StreamResponse:
        path = request.path.removeprefix(API)
        request[BODY] = await _body(request)
        self.requests.append(Request(request.method, path, time.monotonic(), request[BODY]))
        signed = request.headers.get("Authorization") == f"Bot {TOKEN}"
        if not signed and not path.startswith(("/interactions/", "/webhooks/")) and path != "/gateway":
            return as_json({"code": 0, "message": "401: Unauthorized"}, status=401)
        fault = self.script.next(request.method, path)
        try:
            return await (handler(request) if fault is None else faults.happen(fault, request, handler))
        except (KeyError, TypeError, AssertionError) as error:
            self.violations.append(f"{request.method} {path}: {error!r}")
            raise

    async def _unknown(self, request: web.Request) -> web.Response:
        self.violations.append(f"no such route: {request.method} {request.path}")
        return as_json({"code": 0, "message": "404: Not Found"}, status=404)

    async def _gateway(self, request: web.Request) -> web.Response:
        told = self.gateway
        left = {"total": 1000, "remaining": 1000 - told.identified, "reset_after": 0}
        limit = left | {"max_concurrency": told.max_concurrency}
        return as_json({"url": told.url, "shards": told.shards or 1, "session_start_limit": limit})

    async def _register(self, request: web.Request) -> web.Response:
        ids = {"application_id": self.world.application, "version": snowflake()}
        # Discord fills in what a command leaves out, and discord.py reads it.
        made = [{"description": "", "options": []} | each | ids | {"id": snowflake()} for each in request[BODY]]
        self.commands = {each["name"]: each for each in made}
        return as_json(made)

    async def _send(self, request: web.Request) -> web.Response:
        body = request[BODY]
        allowed, headers = self._buckets.take(request.match_info["channel"])
        if not allowed:
            self.violations.append("more messages to a channel than its headers allow")
            wait_s = float(headers["X-RateLimit-Reset-After"])
            limited = {"message": "You are being rate limited.", "retry_after": wait_s, "global": False}
            return as_json(limited, status=429, headers=headers)
        nonce = body.get("nonce") if body.get("enforce_nonce") else None
        if nonce in self._nonces:
            return as_json(self._nonces[nonce], headers=headers)
        if (refused := self._refused(body, [*limits.broken_by_mentions(body)])) is not None:
            return refused
        reference = body.get("message_reference")
        message = self.world.write(request.match_info["channel"], self.world.bot_user, type=19 if reference else 0)
        if reference:
            # discord.py sends numbers, and Discord gives them back as text.
            message["message_reference"] = {"type": 0} | {key: str(reference[key]) for key in _REFERENCE & {*reference}}
        if nonce is not None:
            self._nonces[nonce] = message
        return as_json(change(message, body, self.world), headers=headers)

    async def _read(self, request: web.Request) -> web.Response:
        message = self.world.messages.get(request.match_info["id"])
        return _gone() if message is None else as_json(message)

    async def _edit(self, request: web.Request) -> web.Response:
        message = self.world.messages.get(request.match_info["id"])
        if message is None:
            return _gone()
        refused = self._refused(request[BODY], [], was_v2=bool(message["flags"] & 1 << 15))
        return refused or as_json(change(message, request[BODY], self.world))

    async def _delete(self, request: web.Request) -> web.Response:
        return _gone() if self.world.messages.pop(request.match_info["id"], None) is None else web.Response(status=204)

    async def _file(self, request: web.Request) -> web.Response:
        data = self.world.files.get(request.match_info["path"])
        return web.Response(status=404) if data is None else web.Response(body=data)

    def _refused(self, body: Json, found: list[str], *, was_v2: bool = False) -> web.Response | None:
        found += limits.broken_by_message(body, was_v2=was_v2)
        if not found:
            return None
        self.violations += found
        return as_json({"code": 50035, "message": "; ".join(found)}, status=400)


def _given(body: Callable[[], Any]) -> faults.Handler:
    """Return a route that gives this body."""

    async def give(request: web.Request) -> web.Response:
        return web.Response(status=204) if body() is None else as_json(body())

    return give


def _gone() -> web.Response:
    return as_json({"code": 10008, "message": "Unknown Message"}, status=404)


async def _body(request: web.Request) -> Any:
    """Read what was sent, as JSON; files that came with it are under `files`, by name."""
    if request.content_type != "multipart/form-data":
        return await request.json() if request.can_read_body and request.content_length else {}
    body: Json = {}
    files: dict[str, bytes] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        if part.name == "payload_json":
            body = await part.json() or {}
        else:
            files[part.filename or "file"] = bytes(await part.read())
    return body | {"files": files}
