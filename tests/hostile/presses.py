"""Sends hostile events to the whole bot, as a process, and sees whether it goes on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench.quality import essay_settings
from tests.gateway.interactions import ACKNOWLEDGED_WITHIN_S, Interaction
from tests.gateway.person import Actor
from tests.gateway.process import Process
from tests.gateway.server import Server
from tests.gateway.world import EVERYTHING, Json, parts, snowflake, texts
from tests.hostile.layouts import alive
from tests.hostile.payloads import (
    broken_structure,
    changed_id,
    changed_values,
    extreme_numbers,
    sendable,
    written_values,
)
from tests.hostile.tally import HANG_S, Tally, shown
from tests.hostile.texts import hostile_text

_TOGETHER = 20
_WITHIN_S = 20.0
_READY_WITHIN_S = 300.0
_COMMAND, _PRESS, _TYPED, _FORM = 2, 3, 4, 5
_TEXT = 3
_PROPOSED = frozenset(["axis", "item", "document", "generation"])
_MESSAGES = "messages"
# What is asked about, answered, and what forms there are is told by the bot itself; these have no button to start from.
_FORMS = ("quiz:v1:written:1:0", "quiz:v1:disputed:1:0", "draft:v1:edited:a-draft:0123456789ab")
_IDS = (
    "privacy:v1:delete:1", "privacy:v1:keep:1", "gaps:v1:on", "gaps:v1:clear", "gaps:v1:forget", "board:v1:join",
    "library:v1:promote:0123456789ab", "library:v1:anyway:0123456789ab", "library:v1:discard:0123456789ab",
    "draft:v1:approve:a-draft:0123456789ab", "draft:v1:reject:a-draft:0123456789ab",
    "draft:v1:skip:a-draft:0123456789ab",
    "draft:v1:edit:a-draft:0123456789ab", "quiz:v1:axis:logic", "quiz:v1:answer:1:0:0", "quiz:v1:close:1:0:0",
    "quiz:v1:next:1:0:0", "quiz:v1:pick:1:0:1", "quiz:v1:judge:1:0:2", "quiz:v1:hint:1:0:4", "quiz:v1:write:1:0:0",
)  # fmt: skip
_COMMANDS = (
    ("ask", {"question": "What is the metaverse?", "private": True}), ("quiz start", {"axis": "logic", "number": 3}),
    ("quiz start", {"difficulty": 2}), ("quiz retire", {"item": "x"}), ("quiz restore", {"item": "x"}),
    ("quiz round", {"number": 2, "minutes": 1}), ("compare", {"axis": "logic"}), ("library remove", {"document": "x"}),
    ("library rollback", {"generation": "x"}), ("library draft-quiz", {"count": 1, "document": "x"}),
    ("leaderboard", {}), ("progress", {}), ("privacy export", {}), ("library status", {}),
)  # fmt: skip
_PERSON = re.compile(r"^\d+\. <@\d{17,20}>", re.MULTILINE)
_ERROR = re.compile(r"^.* ERROR .*$", re.MULTILINE)


Sent = tuple[str, Json]
Make = Callable[[], Sent]


def run(count: int, seed: int) -> Tally:
    """Send so many events to a bot of its own."""
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    return asyncio.run(_run(count, seed))


async def _run(count: int, seed: int) -> Tally:
    tally, rng = Tally(), random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        shutil.copytree(essay_settings().data, data, dirs_exist_ok=True)
        async with Server(beat_s=0.5) as server, Process(server, data, questions_per_minute=None) as bot:
            await bot.ready(_READY_WITHIN_S)  # so long: all processors are at work
            sender = Sender(server, rng, await sound(server))
            went_on = await send(tally, server, bot, sender.by_people, count - count // 3)
            await settled(tally, server, sender.sent)
            judge(tally, server, bot)
            if went_on:
                said = len(bot.said)
                await send(tally, server, bot, sender.by_nobody, count // 3)
                await asyncio.sleep(1)
                told = len(_ERROR.findall(bot.said, said))
                tally.note("errors logged of events that no person can send, after which the bot went on", told)
                _look_at(tally, server)
            if bot.exit_code is None and await bot.stop() != 0:
                tally.crashes.append("the bot did not end as it should")
    return tally


async def send(tally: Tally, server: Server, bot: Process, make: Make, count: int) -> bool:
    """Send so many events, and say whether the bot went on to the end."""
    for first in range(0, count, _TOGETHER):
        began, some = _cpu_s(bot.pid), [make() for _ in range(min(_TOGETHER, count - first))]
        for kind, body in some:
            tally.count(f"events: {kind}")
            if kind == _MESSAGES:
                await server.gateway.dispatch("MESSAGE_CREATE", sendable(body))
            else:
                await server.gateway.dispatch("INTERACTION_CREATE", sendable(body))
        if not await _goes_on(tally, server, bot, some):
            return False
        spent = _cpu_s(bot.pid) - began
        tally.took(spent / len(some), ("one of", len(some), some[0]))
    return True


class Sender:
    """Makes hostile events out of sound ones."""

    def __init__(self, server: Server, rng: random.Random, sound: list[Json]) -> None:
        self._server, self._rng = server, rng
        self._messages = [body["message"] for body in sound]
        self._ids = [*_IDS, *(body["data"]["custom_id"] for body in sound)]
        self._actor = Actor(server, "mallory")
        self.sent: list[Interaction] = []

    def by_people(self) -> Sent:
        """Make what somebody may bring Discord to send: any words, and any button that the bot ever showed."""
        rng = self._rng
        match rng.randrange(10):
            case 0 | 1 | 2 | 3:
                return self._begun("ids of buttons", self._press(changed_id(rng, rng.choice(self._ids))))
            case 4 | 5:
                custom_id = rng.choice(_FORMS)
                body = self._form(custom_id if rng.random() < 0.6 else changed_id(rng, custom_id))
                return self._begun("written into forms", body | {"data": written_values(rng, body["data"])})
            case 6 | 7:
                body = self._command()
                return self._begun("options of commands", body | {"data": written_values(rng, body["data"])})
            case _:
                return _MESSAGES, self._message()

    def by_nobody(self) -> Sent:
        """Make what only Discord itself could send, were it broken."""
        rng = self._rng
        match rng.randrange(4):
            case 0:
                return self._begun("ids that are none", extreme_numbers(rng, self._any()))
            case 1:
                body = self._any()
                return self._begun("values of another kind", body | {"data": changed_values(rng, body["data"])})
            case 2:
                return _MESSAGES, broken_structure(rng, self._message())
            case _:
                return self._begun("broken structure", broken_structure(rng, self._any()))

    def _begun(self, kind: str, body: Json) -> Sent:
        self.sent.append(self._server.desk.begin(body))
        return kind, body

    def _any(self) -> Json:
        rng = self._rng
        return rng.choice(
            (self._command, lambda: self._press(rng.choice(self._ids)), lambda: self._form(rng.choice(_FORMS)))
        )()

    def _command(self) -> Json:
        name, options = self._rng.choice(_COMMANDS)
        data = self._actor._command(name, dict(options))
        given = data["options"][0]["options"] if " " in name else data["options"]
        texts = [each for each in given if each["type"] == _TEXT and each["name"] in _PROPOSED]
        if not texts or self._rng.random() < 0.7:
            return self._body(_COMMAND, data)
        texts[0]["focused"] = True
        return self._body(_TYPED, data)

    def _press(self, custom_id: str) -> Json:
        message = self._rng.choice(self._messages)
        return self._body(_PRESS, {"component_type": 2, "custom_id": custom_id, "id": 5}) | {"message": message}

    def _form(self, custom_id: str) -> Json:
        field = {"type": 4, "id": 101, "custom_id": self._rng.choice(("text", "question", "x")), "value": "Why not?"}
        label = {"type": 18, "id": 1, "component": field}
        shape = self._rng.choice(([label], [label] * 5, [], [{"type": 1, "components": [field]}], [{}]))
        body = self._body(_FORM, {"custom_id": custom_id, "components": shape})
        return body | {"message": self._rng.choice(self._messages)}

    def _message(self) -> Json:
        world, member = self._server.world, self._server.world.member(self._server.world.bot_user)
        told = [world.bot_user | {"member": {key: member[key] for key in member if key != "user"}}]
        author = world.member(self._actor.person.user)
        written = hostile_text(self._rng)
        # Not all in one channel: Discord takes only so many replies a second in each.
        channel = self._rng.choice(world.channels)
        return world.write(channel, self._actor.person.user, f"<@{world.bot}> {written}", mentions=told) | {
            "guild_id": world.guild,
            "member": {key: author[key] for key in author if key != "user"},
        }

    def _body(self, kind: int, data: Json) -> Json:
        world = self._server.world
        return {
            "id": snowflake(), "application_id": world.application, "type": kind, "data": data, "version": 1,
            "token": f"interaction-token-{snowflake()}", "guild_id": world.guild, "channel_id": self._actor.channel,
            "guild": {"id": world.guild, "locale": "en-US", "features": []}, "guild_locale": "en-US",
            "channel": world.channel_body(self._actor.channel), "member": world.member(self._actor.person.user),
            "locale": "en-US", "app_permissions": EVERYTHING, "entitlements": [], "context": 0,
            "attachment_size_limit": 10 * 2**20, "authorizing_integration_owners": {"0": world.guild},
        }  # fmt: skip


async def sound(server: Server) -> list[Json]:
    """Have the bot show what it shows, and give a press of each button it shows."""
    actor, found = Actor(server, "alice"), []
    for name, options in (("ask", {"question": "How does the metaverse differ from the Internet?"}), *_COMMANDS[1:2]):
        used = await actor.slash(name, **options)
        answer: Json = await server.until(lambda used=used: used.answer, _WITHIN_S, name)
        ids = [part["custom_id"] for part in parts(answer["components"]) if "custom_id" in part]
        found += [{"data": {"custom_id": custom_id}, "message": answer} for custom_id in ids]
    return found


async def _goes_on(tally: Tally, server: Server, bot: Process, sent: list[Sent]) -> bool:
    """Say whether the bot still answers: somebody sound asks after each handful."""
    try:
        asked = await Actor(server, "alice").slash("about")
        await server.until(lambda: asked.answer is not None or bot.exit_code is not None, _WITHIN_S, "an answer")
        if bot.exit_code is None:
            return True
    except AssertionError:
        pass
    tally.crashes.append(f"the bot went silent: {bot.said[-600:]} after {[shown(body) for _, body in sent]}")
    return False


async def settled(tally: Tally, server: Server, sent: list[Interaction]) -> None:
    """Wait until all are answered, at most as long as Discord does, and count those that nothing answered."""
    with contextlib.suppress(AssertionError):
        await server.until(lambda: all(each.acknowledged_s is not None for each in sent), ACKNOWLEDGED_WITHIN_S)
    unheard = [each for each in sent if each.acknowledged_s is None]
    tally.note("presses and forms whose id is none of the bot's, left to Discord", len(unheard))
    commands = [each for each in unheard if each.body["type"] in (_COMMAND, _TYPED)]
    tally.crashes += [f"nothing was said to {shown(each.body['data'])}" for each in commands]


def judge(tally: Tally, server: Server, bot: Process, begun: int = 0) -> None:
    """Read the log from some place on, the rules that the bot broke, and how its heart beat."""
    for line in _ERROR.findall(bot.said, begun):
        at = bot.said.index(line)
        tally.crashes.append(f"{line[:120]} {bot.said[at : at + 9000].split(chr(10) + '20')[0][-500:]}")
    for fault in server.violations:
        (tally.pings if "ping" in fault else tally.crashes).append(f"a rule of Discord's is broken: {fault[:200]}")
    late = [each for each in server.gateway.late_s if each > HANG_S]
    if late:
        tally.hangs.append(f"{len(late)} heartbeats came late, by up to {max(late):.1f} s")
    _look_at(tally, server)


def _look_at(tally: Tally, server: Server) -> None:
    """Look at every message of the bot's."""
    for message in [*server.world.messages.values()]:
        if message["author"]["id"] != server.world.bot:
            continue
        for content in [part["content"] for part in parts(message["components"]) if part["type"] == 10]:
            # The leaderboard names those who want to be on it, and nobody is told of it.
            if fault := alive(_PERSON.sub("", content)):
                tally.pings.append(f"{fault} in {shown(texts(message))}")


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
