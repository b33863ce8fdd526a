"""A simulated Discord in real time, with its server, channel and people; simcord's clock stands still for tests."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import discord
import simcord
from discord.ext import commands
from PIL import Image, ImageDraw, ImageFont
from simcord.backend.cdn import CDN_BASE

from bot.demo._words import DemoWords

# How long an action waits until the bot is idle. A slower answer shows as "thinking" and arrives later, as on Discord;
# simcord would block the page until the answer is there.
_ACT_PATIENCE_S = 0.8
_TICK_PATIENCE_S = 0.02
_START_PATIENCE_S = 20.0
# simcord publishes a whole channel each time, so the cost grows with its messages.
_MESSAGES_KEPT = 40

AnyBot = commands.Bot | commands.AutoShardedBot


class LiveEnv(simcord.Env):
    """An `Env` whose clock starts now and whose actions do not wait for slow work."""

    def __init__(self, bot: AnyBot, *, now: datetime) -> None:
        lone = isinstance(bot, discord.AutoShardedClient) and bot.shard_count is None
        super().__init__(bot, check_errors=False, settle_timeout=60.0, shard_count=1 if lone else None)
        self.backend.clock._epoch = now
        self._lasting: set[int] = set()

    async def _settle_internal(
        self,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - simcord's signature, which this overrides
        idle: float = 0.05,
        dispatch: str | None = None,
        _deadline: float | None = None,
    ) -> None:
        patience = _ACT_PATIENCE_S if dispatch else _TICK_PATIENCE_S
        with suppress(TimeoutError):
            await super()._settle_internal(timeout=patience, idle=0.005, dispatch=dispatch)
        if not self.bot.is_ready():  # starting; the bot may go on loading long after the gateway is there
            await asyncio.wait_for(self.bot.wait_until_ready(), _START_PATIENCE_S)

    async def catch_up(self, elapsed_s: float) -> bool:
        """Advance the clock to `elapsed_s` after its start; say whether anything happened since the last call."""
        behind = elapsed_s - self.backend.clock.elapsed
        if behind > 0:
            await self.advance_time(behind)
        happened = bool(self.backend.transcript)
        self.backend.transcript.clear()
        self.backend.http_requests.clear()
        return happened

    def keep_forever(self, message_id: int) -> None:
        """Exclude this message from `shorten_channels`."""
        self._lasting.add(message_id)

    def shorten_channels(self) -> None:
        """Delete the oldest messages of each channel beyond _MESSAGES_KEPT."""
        for channel_id, messages in self.backend.messages.items():
            passing = sorted(set(messages) - self._lasting)
            for message_id in passing[: max(0, len(passing) - _MESSAGES_KEPT)]:
                self.backend.delete_message(channel_id, message_id)
        self.backend.transcript.clear()


@dataclass(frozen=True, slots=True)
class Seat:
    """A person who looks at a channel; `key` identifies it in the page's picker."""

    key: str
    label: str
    viewer: simcord.MemberActor | simcord.UserHandle
    channel: simcord.ChannelHandle


@dataclass(frozen=True, slots=True)
class Scene:
    """The server of the demo: its channel, the people to choose from, their mentions and pictures."""

    channel: simcord.ChannelHandle
    seats: tuple[Seat, ...]
    mentions: dict[str, str]  # name as typed after "@", lower case -> Discord's mention
    pictures: dict[str, tuple[str, bytes]]  # address -> file name, PNG


def furnish(env: LiveEnv, words: DemoWords) -> Scene:
    """Create server, channel and people; call before the bot starts, so that its first event holds them."""
    tutor = env.backend.bot_user
    tutor.name = words.bot
    guild = env.create_guild(words.server)
    teachers = guild.create_role(words.role, permissions=discord.Permissions(manage_guild=True))
    channel = guild.create_text_channel(words.channel, topic=words.topic)
    users = [env.create_user(person.name.lower(), global_name=person.name) for person in words.people]
    seats = [
        Seat(str(user.id), person.label, guild.add_member(user, roles=[teachers] * person.manages), channel)
        for person, user in zip(words.people, users, strict=True)
    ]
    alone = words.private.format(name=words.people[0].name)
    seats.append(Seat(f"private:{users[0].id}", alone, users[0], users[0].dm_channel))

    faces = [(words.bot, words.bot_colour, tutor.id)]
    faces += [(person.name, person.colour, user.id) for person, user in zip(words.people, users, strict=True)]
    pictures: dict[str, tuple[str, bytes]] = {}
    for name, colour, user_id in faces:
        env.backend.users[user_id].avatar = "demo"
        pictures[f"{CDN_BASE}/avatars/{user_id}/demo.png"] = (f"{name}.png", _picture(name[0], colour))
    mentions = {name.lower(): f"<@{user_id}>" for name, _colour, user_id in faces}
    return Scene(channel, tuple(seats), mentions, pictures)


def _picture(letter: str, colour: str) -> bytes:
    """Draw a letter on a colour as PNG; the page shows it as a circle."""
    image = Image.new("RGB", (128, 128), colour)
    font = ImageFont.load_default(size=72)
    ImageDraw.Draw(image).text((64, 64), letter, fill="white", font=font, anchor="mm")
    drawn = BytesIO()
    image.save(drawn, "PNG")
    return drawn.getvalue()
