"""What there is in the small Discord of these tests: one server with channels, people, messages."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

Json = dict[str, Any]

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GaTeWy.a-token-that-no-log-may-show-0123456789"
BODY: web.RequestKey[Any] = web.RequestKey("body", object)
"""Under which a request carries what was sent with it, read."""
CHANNELS = 64
V2 = 1 << 15
EPHEMERAL = 1 << 6
EVERYTHING = str((1 << 50) - 1)
"""All permissions, as Discord writes them."""

_EPOCH_MS = 1_420_070_400_000
_count = itertools.count()


def as_json(body: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with JSON under the bare content type: discord.py takes it with a charset for text."""
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers, content_type="application/json")


def guild_ids(count: int) -> tuple[str, ...]:
    """Give ids of servers made in as many milliseconds: with `count` shards each is of another one."""
    began_ms = int(time.time() * 1000) - _EPOCH_MS - count
    return tuple(str(began_ms + number << 22) for number in range(count))


def snowflake() -> str:
    """Give a new id; the time is in it, as in Discord's, because discord.py reads it there."""
    return str((int(time.time() * 1000) - _EPOCH_MS << 22) | next(_count) % 4096)


def now() -> str:
    return datetime.now(UTC).isoformat()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes and presses."""

    name: str
    id: str = field(default_factory=snowflake)

    @property
    def user(self) -> Json:
        return {"id": self.id, "username": self.name, "discriminator": "0", "avatar": None, "global_name": None}


@dataclass(slots=True)
class World:
    """The server, its channels, the bot in it, and every message that was sent, by id."""

    guild: str = field(default_factory=snowflake)
    more_guilds: dict[str, str] = field(default_factory=dict)
    """Other servers that the bot is in, each with the id of its one channel."""
    channels: tuple[str, ...] = field(default_factory=lambda: tuple(snowflake() for _ in range(CHANNELS)))
    direct: str = field(default_factory=snowflake)
    """The channel of direct messages, in no server."""
    bot: str = field(default_factory=snowflake)
    application: str = field(default_factory=snowflake)
    messages: dict[str, Json] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    """What was uploaded, by the path under the content network's address."""

    @property
    def bot_user(self) -> Json:
        return Person("tutor", self.bot).user | {"bot": True}

    def member(self, user: Json) -> Json:
        return {
            "user": user, "roles": [], "joined_at": now(), "deaf": False, "mute": False, "flags": 0,
            "permissions": EVERYTHING,
        }  # fmt: skip

    def channel_body(self, channel: str, guild: str | None = None) -> Json:
        return {
            "id": channel, "guild_id": guild or self.guild, "type": 0, "name": f"library-{channel}", "position": 0,
            "permission_overwrites": [], "parent_id": None, "nsfw": False, "topic": None, "permissions": EVERYTHING,
        }  # fmt: skip

    def guild_body(self, guild: str | None = None) -> Json:
        channels = self.channels if guild is None else (self.more_guilds[guild],)
        everyone = {
            "id": guild or self.guild, "name": "@everyone", "permissions": EVERYTHING, "position": 0, "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False, "managed": False, "mentionable": False, "flags": 0,
        }  # fmt: skip
        return {
            "id": guild or self.guild, "name": "readers", "owner_id": self.bot, "roles": [everyone], "emojis": [],
            "stickers": [], "features": [], "threads": [],
            "channels": [self.channel_body(channel, guild) for channel in channels],
            "members": [self.member(self.bot_user)], "member_count": 2, "presences": [], "voice_states": [],
            "stage_instances": [], "guild_scheduled_events": [], "joined_at": now(), "large": False,
            "unavailable": False, "preferred_locale": "en-US",
            "verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0, "mfa_level": 0,
            "nsfw_level": 0, "premium_tier": 0, "afk_timeout": 0,
            "system_channel_flags": 0, "soundboard_sounds": [],
        }  # fmt: skip

    def application_body(self) -> Json:
        return {
            "id": self.application, "name": "tutor", "icon": None, "description": "", "bot_public": True,
            "bot_require_code_grant": False, "owner": Person("owner").user, "verify_key": "", "flags": 0,
            "integration_types_config": {},
        }  # fmt: skip

    def write(self, channel: str, author: Json, content: str = "", **more: Any) -> Json:
        """Add a message to a channel and give its body."""
        message = {
            "id": snowflake(), "channel_id": channel, "author": author, "content": content, "timestamp": now(),
            "edited_timestamp": None, "tts": False, "mention_everyone": False, "mentions": [], "mention_roles": [],
            "attachments": [], "embeds": [], "pinned": False, "type": 0, "flags": 0, "components": [],
        } | more  # fmt: skip
        self.messages[message["id"]] = message
        return message


def parts(components: list[Json]) -> list[Json]:
    """List components and all that stand in them."""
    found = []
    for each in components:
        inner = [*each.get("components", []), *filter(None, (each.get("accessory"), each.get("component")))]
        found += [each, *parts(inner)]
    return found


def texts(message: Json) -> str:
    """Give all text of a message, one component a line."""
    return "\n".join(each["content"] for each in parts(message["components"]) if each["type"] == 10)


def numbered(components: list[Json]) -> list[Json]:
    """Give each component the id that Discord gives those without one."""
    for number, each in enumerate(parts(components), 1):
        each.setdefault("id", number)
    return components
