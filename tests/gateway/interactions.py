"""Interactions, and the routes by which a bot answers them: acknowledged in time, once, and then edited."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.gateway import limits
from tests.gateway.world import BODY, EPHEMERAL, V2, Json, World, as_json, now, numbered, snowflake

ACKNOWLEDGED_WITHIN_S = 3.0
_ANSWERED_WITHIN_S = 15 * 60

_MESSAGE, _DEFERRED, _DEFERRED_UPDATE, _UPDATE, _CHOICES, _MODAL = 4, 5, 6, 7, 8, 9


@dataclass(slots=True, eq=False)
class Interaction:
    """One act of a person, and what the bot made of it."""

    body: Json
    sent_at: float = field(default_factory=time.monotonic)
    acknowledged_s: float | None = None
    """How long it took until the bot answered at all."""
    kind: int = 0
    original: Json | None = None
    """The message that answers it, once there is one."""
    edits: int = 0
    answered_s: float | None = None
    """How long it took until its answer was there."""
    followups: list[Json] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] | None = None

    @property
    def answer(self) -> Json | None:
        """Give the message that answers it, unless the bot is still thinking."""
        return self.original if self.edits or self.kind in (_MESSAGE, _UPDATE) else None


class Desk:
    """Hands interactions out and takes the answers."""

    def __init__(self, world: World, violations: list[str]) -> None:
        self._world = world
        self._violations = violations
        self.taken: dict[str, Interaction] = {}

    def begin(self, body: Json) -> Interaction:
        self.taken[body["token"]] = begun = Interaction(body)
        return begun

    def routes(self) -> Iterable[web.RouteDef]:
        hook = f"/webhooks/{self._world.application}/{{token}}"
        return [
            web.post("/interactions/{id}/{token}/callback", self._acknowledge),
            web.patch(hook + "/messages/{message}", self._edit),
            web.get(hook + "/messages/{message}", self._read),
            web.delete(hook + "/messages/{message}", self._delete),
            web.post(hook, self._follow_up),
        ]

    async def _acknowledge(self, request: web.Request) -> web.Response:
        found, body = self.taken[request.match_info["token"]], request[BODY]
        if found.acknowledged_s is not None:
            return self._refused(400, 40060, f"acknowledged twice: {_named(found)}")
        found.acknowledged_s = time.monotonic() - found.sent_at
        if found.acknowledged_s > ACKNOWLEDGED_WITHIN_S:
            return self._refused(404, 10062, f"acknowledged after {found.acknowledged_s:.1f} s: {_named(found)}")
        found.kind, data = body["type"], body.get("data") or {}
        faults = [*limits.broken_by_deferral(found.kind, data)]
        if found.kind in (_MESSAGE, _UPDATE):
            faults += [*limits.broken_by_message(data), *limits.broken_by_mentions(data)]
            pressed = found.body.get("message") if found.kind == _UPDATE else None
            found.original = change(pressed or self._new(found, data), data, self._world)
        elif found.kind == _DEFERRED:
            found.original = self._new(found, data)
        elif found.kind == _DEFERRED_UPDATE:
            found.original = found.body["message"]
        elif found.kind == _CHOICES:
            found.choices = data["choices"]
            faults += limits.broken_by_choices(data["choices"])
        elif found.kind == _MODAL:
            found.modal = data
            faults += limits.broken_by_modal(data)
        if faults:
            return self._refused(400, 50035, f"{_named(found)}: {'; '.join(faults)}")
        told: Json = {"interaction": {"id": found.body["id"], "type": found.body["type"]}}
        if found.original is not None:
            told["interaction"] |= {
                "response_message_id": found.original["id"],
                "response_message_loading": found.kind == _DEFERRED,
                "response_message_ephemeral": bool(found.original["flags"] & EPHEMERAL),
            }
            if found.kind in (_MESSAGE, _UPDATE):
                told["resource"] = {"type": found.kind, "message": found.original}
        return as_json(told)

    async def _edit(self, request: web.Request) -> web.Response:
        found = self._open(request, "edited")
        if isinstance(found, web.Response):
            return found
        message = self._message(found, request)
        if message is None:
            return _unknown_message()
        body = request[BODY]
        faults = [*limits.broken_by_message(body, was_v2=bool(message["flags"] & V2)), *limits.broken_by_mentions(body)]
        if faults:
            return self._refused(400, 50035, f"{_named(found)}: {'; '.join(faults)}")
        found.edits += 1
        found.answered_s = found.answered_s or time.monotonic() - found.sent_at
        return as_json(change(message, body, self._world))

    async def _read(self, request: web.Request) -> web.Response:
        found = self._open(request, "read")
        if isinstance(found, web.Response):
            return found
        message = self._message(found, request)
        return _unknown_message() if message is None else as_json(message)

    async def _delete(self, request: web.Request) -> web.Response:
        found = self._open(request, "deleted")
        if isinstance(found, web.Response):
            return found
        message = self._message(found, request)
        if message is None:
            return _unknown_message()
        self._world.messages.pop(message["id"], None)
        return web.Response(status=204)

    async def _follow_up(self, request: web.Request) -> web.Response:
        found = self._open(request, "followed up")
        if isinstance(found, web.Response):
            return found
        body = request[BODY]
        faults = [*limits.broken_by_message(body), *limits.broken_by_mentions(body)]
        if faults:
            return self._refused(400, 50035, f"{_named(found)}: {'; '.join(faults)}")
        found.followups.append(change(self._new(found, body), body, self._world))
        return as_json(found.followups[-1])

    def _open(self, request: web.Request, what: str) -> Interaction | web.Response:
        """Find an interaction that may be answered further."""
        found = self.taken[request.match_info["token"]]
        if not found.kind:
            return self._refused(404, 10015, f"{what} before it was acknowledged: {_named(found)}")
        if time.monotonic() - found.sent_at > _ANSWERED_WITHIN_S:
            return self._refused(401, 50027, f"{what} after 15 minutes: {_named(found)}")
        return found

    def _message(self, found: Interaction, request: web.Request) -> Json | None:
        id = request.match_info["message"]
        if id == "@original":
            return found.original
        return next((each for each in found.followups if each["id"] == id), None)

    def _new(self, found: Interaction, body: Json) -> Json:
        world, flags = self._world, body.get("flags", 0)
        return world.write(found.body["channel_id"], world.bot_user, flags=flags, webhook_id=world.application)

    def _refused(self, status: int, code: int, why: str) -> web.Response:
        self._violations.append(why)
        return as_json({"code": code, "message": why}, status=status)


def change(message: Json, body: Json, world: World) -> Json:
    """Put what was sent into a message."""
    message["edited_timestamp"] = now()
    message["flags"] |= body.get("flags", 0) & V2
    if body.get("content") is not None:
        message["content"] = body["content"]
    if "components" in body:
        message["components"] = numbered(body["components"] or [])
    for name, data in body.get("files", {}).items():
        id = snowflake()
        path = f"attachments/{id}/{name}"
        world.files[path] = data
        message["attachments"].append({"id": id, "filename": name, "size": len(data), "url": path, "proxy_url": path})
    return message


def _named(found: Interaction) -> str:
    data: Any = found.body.get("data") or {}
    return str(data.get("name") or data.get("custom_id"))


def _unknown_message() -> web.Response:
    return as_json({"code": 10008, "message": "Unknown Message"}, status=404)
