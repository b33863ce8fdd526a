"""The real bot in a simulated Discord whose servers, channels and people have the same ids each time.

`make.py` fills a data folder there; the tests press in it, with the current program, what an earlier one has sent.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import discord
import simcord
from simcord.actors import _dispatch_actor_interaction
from simcord.backend import serializers
from simcord.enums import InteractionType

from bot.app import TutorBot
from bot.errors import UnknownButton
from bot.store.migrate import FILE

HOME, OTHER, PRIVATE = "home", "other", "private"
"""The servers, and private messages."""
ALICE, BOB, GRACE = "alice", "bob", "grace"
"""Learners; Grace manages both servers."""

_OWN_ID = re.compile(r"[a-z]+:v\d+:.+", re.DOTALL)
_LEAST_QUOTED = 20  # characters
_SETTLED_WITHIN_S = 300.0  # a library is loaded, or built in another process


@dataclass(frozen=True, slots=True)
class Press:
    """A custom id that a bot has sent, who uses it where, and what a form (`fields` is not None) is sent with."""

    id: str
    person: str
    place: str
    fields: Mapping[str, str] | None = None

    @property
    def kind(self) -> str:
        """Return what the id has in common with the others of its class."""
        return ":".join(self.id.split(":")[:3])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a press, in terms that do not depend on the wording of the bot's sentences.

    `shown` are the custom ids in the message that answers it, in order; `form` is the id of a form that it opened;
    `quotes` are the lines of it that stand in the documents; `changes` are the counts of `state_of` before and after,
    where they differ.
    """

    known: bool
    shown: list[str]
    form: str | None
    quotes: list[str]
    changes: dict[str, list[Any]]


@dataclass(slots=True)
class Stage:
    """A bot, its servers and people; `sent` holds each custom id that the bot sent, in order, with its reader."""

    env: simcord.Env
    data: Path
    documents: str
    channels: dict[str, Any] = field(default_factory=dict)
    people: dict[tuple[str, str], Any] = field(default_factory=dict)
    sent: dict[str, Press] = field(default_factory=dict)
    _read: int = 0

    @property
    def bot(self) -> TutorBot:
        assert isinstance(self.env.bot, TutorBot)
        return self.env.bot

    @property
    def ids(self) -> dict[str, int]:
        """Return the ids that stand in the store and in custom ids."""
        channels = {f"{place}/channel": channel.id for place, channel in self.channels.items()}
        guilds = {place: channel.guild.id for place, channel in self.channels.items() if place != PRIVATE}
        return {**channels, **guilds, **{name: actor.id for (name, place), actor in self.people.items()}}

    async def slash(self, person: str, place: str, command: str, **options: Any) -> Any:
        where = () if place == PRIVATE else (self.channels[place],)
        result = await self.people[person, place].slash(*where, command, **options)
        while not _components(message_of(result)):  # deferred, while another process works
            await asyncio.to_thread(time.sleep, 0.1)
            await self.env.settle()
        self._collect(person, place)
        return result

    async def click(self, person: str, place: str, result: Any, act: str) -> Any:
        """Press the first button of an act (`quiz:v1:pick`) in the message that answered a command or press.

        Return what holds the message, or form, that came of it: the same message when it was edited.
        """
        id = next((each for each in ids_in(message_of(result)) if each.startswith(act)), None)
        assert id is not None, f"no {act} in {ids_in(message_of(result))}: {text_of(message_of(result))}"
        clicked = await self.people[person, place].click(message_of(result), custom_id=id)
        self._collect(person, place)
        answered = clicked.modal is not None or (clicked.response is not None and _components(clicked.response))
        return clicked if answered else result

    async def submit(self, person: str, place: str, form: Any, fields: Mapping[str, str]) -> None:
        """Send a form that was opened; what comes of it stands in the message that opened it."""
        await self.people[person, place].submit_modal(form, dict(fields))
        self._collect(person, place)

    async def press(self, press: Press) -> Outcome:
        """Use an id under a message that holds it, as Discord delivers a press of a message of long ago."""
        actor, channel = self.people[press.person, press.place], self.channels[press.place]
        carrier = await self.bot.get_partial_messageable(channel.id).send(view=_carrier(press.id))
        stored = self.env.backend.get_message(channel.id, carrier.id)
        extra = {"message": dict(serializers.message_payload(self.env.backend, stored))}
        if press.fields is None:
            type_, data = InteractionType.MESSAGE_COMPONENT, {"custom_id": press.id, "component_type": 2}
        else:
            components = [*_written(press.fields)]
            type_, data = InteractionType.MODAL_SUBMIT, {"custom_id": press.id, "components": components}
        before = state_of(self.data)
        result = await _dispatch_actor_interaction(
            actor, type_, channel, data, extra=extra, source_message_id=carrier.id
        )
        after = state_of(self.data)
        messages = [each for each in (stored, result.response, *result.followups) if each is not None]
        text = "\n".join(map(text_of, messages))
        return Outcome(
            known=str(UnknownButton()) not in text,
            shown=list(dict.fromkeys(id for each in messages for id in ids_in(each) if id != press.id)),
            form=result.modal["custom_id"] if result.modal is not None else None,
            quotes=list(dict.fromkeys(line for line in _plain(text) if line in self.documents)),
            changes={
                name: [before.get(name), after.get(name)]
                for name in sorted({*before, *after})
                if before.get(name) != after.get(name)
            },
        )

    def _collect(self, person: str, place: str) -> None:
        """Note the ids in what the bot has sent since the last time; a form's has the fields that it asks for."""
        entries = self.env.http_requests
        for entry in entries[self._read :]:
            for found in _walk(entry.json):
                id = str(found.get("custom_id", ""))
                if _OWN_ID.fullmatch(id):
                    fields = dict(_fields(found)) if "title" in found else None
                    self.sent.setdefault(id, Press(id, person, place, fields))
        self._read = len(entries)


async def open_stage(bot: TutorBot, data: Path, documents: str, *, now: datetime) -> Stage:
    """Start the bot of a data folder among its servers and people at this time; close it with `close_stage`.

    `documents` is the text of all documents that it may quote.
    """
    env = simcord.Env(bot, shard_count=1, settle_timeout=_SETTLED_WITHIN_S)
    stage = Stage(env, data, documents)
    users = {name: env.create_user(name) for name in (ALICE, BOB, GRACE)}
    for place in (HOME, OTHER):
        guild = env.create_guild(place)
        keepers = guild.create_role("Keepers", permissions=discord.Permissions(manage_guild=True))
        stage.channels[place] = guild.create_text_channel("library")
        for name, user in users.items():
            stage.people[name, place] = guild.add_member(user, roles=[keepers] * (name == GRACE))
    stage.people[BOB, PRIVATE], stage.channels[PRIVATE] = users[BOB], users[BOB].dm_channel
    env.backend.clock._epoch = now  # after the ids, which come of the time
    await env.start()
    await env.settle()
    return stage


async def close_stage(stage: Stage) -> None:
    await stage.bot.close()
    await stage.env.shutdown()


def message_of(result: Any) -> Any:
    """Return the message in which an interaction ended."""
    return [each for each in (result.response, *result.followups) if each is not None][-1]


def ids_in(message: Any) -> list[str]:
    return [str(each["custom_id"]) for each in _components(message) if "custom_id" in each]


def text_of(message: Any) -> str:
    return "\n".join(str(each["content"]) for each in _components(message) if "content" in each)


def _components(message: Any) -> list[dict[str, Any]]:
    raw = [each.to_dict() if hasattr(each, "to_dict") else each for each in message.components]
    return [dict(each) for each in simcord.components.walk_components(raw)]


def _carrier(id: str) -> discord.ui.LayoutView:
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.ActionRow(discord.ui.Button(label="Press", custom_id=id[:100])))
    view.stop()
    return view


def _written(fields: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for number, (name, value) in enumerate(fields.items()):
        written = {"type": 4, "id": 2 * number + 2, "custom_id": name, "value": value}
        yield {"type": 18, "id": 2 * number + 1, "component": written}


def _walk(body: Any) -> Iterator[dict[str, Any]]:
    if isinstance(body, dict):
        yield body
        body = list(body.values())
    if isinstance(body, list | tuple):
        for each in body:
            yield from _walk(each)


def _fields(form: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the fields of a form with what stands in them, or something to say where that is nothing."""
    for each in _walk(form.get("components", [])):
        if "custom_id" in each:
            yield str(each["custom_id"]), str(each.get("value") or "The metaverse is not the Internet.")


def _plain(text: str) -> Iterator[str]:
    """Give the lines of a message that are long enough to be a quote, without what Markdown adds."""
    for line in text.splitlines():
        plain = re.sub(r"\\(.)|\*\*|^> ", r"\1", line).strip()
        if len(plain) > _LEAST_QUOTED:
            yield plain


def state_of(data: Path) -> dict[str, Any]:
    """Count the rows of each table of the store and the generations of each library, and name the live ones."""
    found: dict[str, Any] = {}
    for live in sorted(data.rglob("live")):
        name = str(live.parent.relative_to(data))
        found[f"{name} live"] = live.read_text(encoding="utf-8").strip()
        found[f"{name} generations"] = len([*live.parent.glob("generations/*")])
    with closing(sqlite3.connect(data / FILE)) as store:
        names = store.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        for (name,) in names.fetchall():
            (found[name],) = store.execute(f'SELECT count(*) FROM "{name}"').fetchone()
    return found
