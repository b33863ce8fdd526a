"""Kills bots and their database at random while people ask and play in servers of every shard; real processes."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from index.models import openvino_runtime
from tests.bench.quality import essay_settings
from tests.bench.results import Row
from tests.bench.soak import QUESTIONS
from tests.gateway.interactions import Interaction
from tests.gateway.person import Actor
from tests.gateway.process import Process
from tests.gateway.server import Server
from tests.gateway.world import Json, parts, texts
from tests.postgresql import Server as Database

_BOTS, _SHARDS = 4, 8
_MAX_CONCURRENCY = 4
_MENTIONS_PER_S = 4
_PLAYERS = 16
_PAUSE_S = 0.5  # between two presses of a player
_PATIENCE_S = 5.0  # of a player for a press, before they press again
_SETTLED_S = 30.0
_NOTICED_S = 1.0  # until the gateway here notices that a process was killed
_DATABASE_EVERY = 5  # one kill in so many is the database's
_STARTS_WITHIN_S = 300.0


@dataclass(slots=True)
class Mention:
    """One question; `is_heard`: its shard was connected when it was asked."""

    message: Json
    process: int
    at: float
    is_heard: bool


@dataclass(slots=True)
class Player:
    """Somebody who plays; presses of Submit that were sent, and those that were answered with the right answer."""

    actor: Actor
    submitted: int = 0
    acknowledged: int = 0


@dataclass(slots=True)
class Run:
    """The parts of a run, and what was seen in it."""

    server: Server
    database: Database
    bots: list[Process]
    mentions: list[Mention] = field(default_factory=list)
    players: list[Player] = field(default_factory=list)
    kills: list[tuple[float, int]] = field(default_factory=list)
    """When which process was killed."""
    away_s: list[float] = field(default_factory=list)
    """How long the shards of a killed process were without one."""
    database_kills: int = 0
    presses: int = 0
    ended: list[str] = field(default_factory=list)
    """What processes said that ended by themselves."""


def rows(minutes: float = 10, kills: int = 50) -> Iterator[Row]:
    """Run for so many minutes, with as many kills at random moments."""
    yield from asyncio.run(_run(60 * minutes, kills))


async def _run(seconds: float, kills: int) -> list[Row]:
    database = Database(synchronous_commit="on").start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder)
            shutil.copytree(essay_settings().data, data, dirs_exist_ok=True)
            async with Server(shards=_SHARDS) as server, AsyncExitStack() as running:
                server.gateway.max_concurrency = _MAX_CONCURRENCY
                address = database.empty()
                bots = [_bot(server, data, address, ordinal) for ordinal in range(_BOTS)]
                for bot in bots:
                    await running.enter_async_context(bot)
                run = Run(server, database, bots)
                await server.until(lambda: _all_ready(run), _STARTS_WITHIN_S, "every bot is ready")
                await _under_load(run, seconds, kills)
                return [*_rows(run, address)]
    finally:
        database.remove()


def _bot(server: Server, data: Path, address: str, ordinal: int) -> Process:
    layout = {"DATABASE": address, "SHARDS": _SHARDS, "PROCESSES": _BOTS, "ORDINAL": ordinal}
    more = {f"TUTOR_{name}": str(value) for name, value in layout.items()}
    backend = "openvino" if openvino_runtime.is_installed() else "torch"
    return Process(server, data, backend=backend, more=more)


def _all_ready(run: Run) -> bool:
    return all(bot.is_open for bot in run.bots) and run.server.gateway.live_shards == [*range(_SHARDS)]


async def _under_load(run: Run, seconds: float, kills: int) -> None:
    guilds = [*run.server.world.more_guilds]
    run.players = [
        Player(Actor(run.server, f"player{number}", guild=guilds[number % _SHARDS])) for number in range(_PLAYERS)
    ]
    end = time.monotonic() + seconds
    tasks = [asyncio.create_task(each) for each in (_ask(run, end), *(_play(run, each, end) for each in run.players))]
    await _kill(run, seconds, kills)
    await asyncio.gather(*tasks)
    await run.server.until(lambda: _all_ready(run), _STARTS_WITHIN_S, "every bot is ready again")
    with suppress(AssertionError):
        await run.server.until(lambda: not _lost(run), _SETTLED_S)


async def _ask(run: Run, end: float) -> None:
    """Ask on the beat, in the servers in turn."""
    guilds, number, began = [*run.server.world.more_guilds], 0, time.monotonic()
    while time.monotonic() < end:
        await asyncio.sleep(max(began + number / _MENTIONS_PER_S - time.monotonic(), 0))
        guild = guilds[number % len(guilds)]
        shard = run.server.gateway.shard_of(guild)
        is_heard, at = shard in run.server.gateway.live_shards, time.monotonic()
        asked = await Actor(run.server, f"asker{number}", guild=guild).says(QUESTIONS[number % len(QUESTIONS)])
        run.mentions.append(Mention(asked, shard * _BOTS // _SHARDS, at, is_heard))
        number += 1


async def _play(run: Run, player: Player, end: float) -> None:
    """Begin quizzes and answer their questions of choice; what is not answered in time is pressed again."""
    while time.monotonic() < end:
        begun = await _done(run, await player.actor.slash("quiz start", number=2))
        step = begun.answer
        if step is None or "A" not in _labels(step):
            continue
        await _press(run, player, step, "A", end)
        if "Submit" not in _labels(step):  # refused, as when the database is away
            continue
        player.submitted += 1
        await _press(run, player, step, "Submit", end)
        # The message is changed in place: the verdict with its quotation instead of the button.
        player.acknowledged += "Submit" not in _labels(step) and "\n> " in f"\n{texts(step)}"


async def _press(run: Run, player: Player, step: Json, label: str, end: float) -> None:
    """Press a button until that is answered; an answer that came late has changed the message."""
    while time.monotonic() < end and label in _labels(step):
        if (await _done(run, await player.actor.presses(step, label))).answer is not None:
            return


async def _done(run: Run, act: Interaction) -> Interaction:
    """Give an act back when it is answered, or after _PATIENCE_S."""
    run.presses += 1
    with suppress(AssertionError):
        await run.server.until(lambda: act.answer, _PATIENCE_S)
    await asyncio.sleep(_PAUSE_S)
    return act


async def _kill(run: Run, seconds: float, kills: int) -> None:
    """Kill a process at each of so many random moments and start it again at once, as a supervisor does."""
    rng = random.Random(1)
    began, backs = time.monotonic(), []
    for number, moment in enumerate(sorted(rng.uniform(0, seconds) for _ in range(kills)), 1):
        await asyncio.sleep(max(began + moment - time.monotonic(), 0))
        if number % _DATABASE_EVERY == 0:
            await asyncio.to_thread(run.database.stop, at_once=True)
            await asyncio.to_thread(run.database.start)
            run.database_kills += 1
            continue
        ordinal = rng.randrange(_BOTS)
        bot = run.bots[ordinal]
        if bot.exit_code is not None:
            run.ended.append(bot.said.splitlines()[-1])
        at = time.monotonic()
        run.kills.append((at, ordinal))
        await bot.kill()
        await bot.start()
        backs.append(asyncio.create_task(_back(run, ordinal, at)))
    await asyncio.gather(*backs)


async def _back(run: Run, ordinal: int, at: float) -> None:
    """Note how long the shards of a process were away; start it again when it ended, as when the database was away."""
    own = {shard for shard in range(_SHARDS) if shard * _BOTS // _SHARDS == ordinal}
    bot = run.bots[ordinal]
    while not own <= {*run.server.gateway.live_shards}:
        if any(ordinal == other and killed > at for killed, other in run.kills):
            return
        if bot.exit_code is not None:
            run.ended.append(bot.said.splitlines()[-1])
            await bot.start()
        await asyncio.sleep(0.05)
    run.away_s.append(time.monotonic() - at)


def _replies(run: Run) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in run.server.world.messages.values():
        if reference := each.get("message_reference"):
            found.setdefault(reference["message_id"], []).append(texts(each))
    return found


def _labels(message: Json) -> set[str]:
    """Give the labels of the buttons that can be pressed."""
    return {each.get("label", "") for each in parts(message["components"]) if not each.get("disabled")}


def _lost(run: Run) -> list[Mention]:
    """List the mentions that a process heard of, was not killed, and has not answered."""
    replies = _replies(run)
    return [
        each
        for each in run.mentions
        if each.is_heard
        and not any(len(text) > 1 for text in replies.get(each.message["id"], []))
        and not any(each.process == ordinal and -_NOTICED_S <= at - each.at < _SETTLED_S for at, ordinal in run.kills)
    ]


def _rows(run: Run, address: str) -> Iterator[Row]:
    gateway, replies = run.server.gateway, _replies(run)
    yield Row(
        f"{_BOTS} bots, {_SHARDS} shards: bots killed; the database killed", f"{len(run.kills)}; {run.database_kills}"
    )
    answered = sum(each.message["id"] in replies for each in run.mentions)
    unheard = sum(not each.is_heard for each in run.mentions)
    yield Row("mentions; answered; asked while their shard was away", f"{len(run.mentions)}; {answered}; {unheard}")
    lost = _lost(run)
    after = [
        max((each.at - at for at, who in run.kills if who == each.process and at < each.at), default=-1)
        for each in lost
    ]
    shown = f"{len(lost)}" + (
        f", {', '.join(f'{each:.1f}' for each in after[:5])} s after a kill of it" if lost else ""
    )
    yield Row("mentions that a living process heard of and did not answer", shown, "0", not lost)
    twice = sum(len(each) > 1 for each in replies.values())
    yield Row("mentions answered twice", str(twice), "0", twice == 0)
    yield from _answer_rows(run, address)
    yield Row("IDENTIFYs; RESUMEs", f"{gateway.identified}; {gateway.resumed}")
    early = gateway.identify_violations
    yield Row("IDENTIFYs too early for their bucket", str(early), "0", early == 0)
    doubled = gateway.doubled_shards
    yield Row("shards begun by a second process", str(doubled), "0", doubled == 0)
    away = np.percentile(run.away_s or [0.0], [50, 100])
    yield Row("shards without a process after a kill: median, most", f"{away[0]:.1f}, {away[1]:.1f} s")
    registered = len(run.server.sent("PUT", "/commands"))
    yield Row("registrations of the commands", str(registered), "1", registered == 1)
    rules = len(run.server.violations)
    shown = f"{rules} {sorted(set(run.server.violations))[:2]}"[:120]
    yield Row("other rules of Discord's broken", shown, "0", rules == 0)
    yield Row("processes that ended by themselves", f"{len(run.ended)} {Counter(run.ended).most_common(2)}"[:160])


def _answer_rows(run: Run, address: str) -> Iterator[Row]:
    stored = {
        str(person): count
        for person, count in run.database.execute(
            "SELECT person, count(*) FROM answers GROUP BY person", address.split("/")[3].split("?")[0]
        )
    }
    lost = sum(max(each.acknowledged - stored.get(each.actor.person.id, 0), 0) for each in run.players)
    doubled = sum(max(stored.get(each.actor.person.id, 0) - each.submitted, 0) for each in run.players)
    acknowledged = sum(each.acknowledged for each in run.players)
    yield Row(
        "commands and presses; answers acknowledged; stored", f"{run.presses}; {acknowledged}; {sum(stored.values())}"
    )
    yield Row("acknowledged answers that are not stored", str(lost), "0", lost == 0 and acknowledged > 0)
    yield Row("answers stored more often than given", str(doubled), "0", doubled == 0)
