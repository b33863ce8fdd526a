"""Kills the whole bot, as a process under load, at random moments of its life, and looks at what it had promised."""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from prompts import words
from tests.bench import breakages
from tests.bench.learners import Learner, Tally, comes_true
from tests.bench.ledger import Ledger
from tests.bench.quality import essay_settings
from tests.bench.results import Row
from tests.bench.soak import QUESTIONS
from tests.gateway.person import Actor
from tests.gateway.process import Process
from tests.gateway.server import Server
from tests.gateway.world import CHANNELS, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TIMES = 300
_LEARNERS = 5
_PEOPLE = 500
_ASKS_EVERY_S = 0.15
_SERVES_S = 2.0
_BEFORE_LEAVING_S = 0.3
_STARTED_WITHIN_S = 120.0
_DIGESTED_S = 0.05
_DEFERRED = 5


class Phase(StrEnum):
    """When the bot is killed."""

    STARTING = "starting"
    SERVING = "serving"
    LEAVING = "ending"


@dataclass(slots=True)
class Owed:
    """What people were promised and were still waiting for when the bot was killed."""

    thinking: int = 0
    """Commands that were acknowledged and not answered."""
    waking: int = 0
    """Mentions that were told only that the bot is waking up."""
    unheard: int = 0
    """Mentions without any reply."""
    asked: int = 0
    answered_later: int = 0
    _waiting: list[object] = field(default_factory=list)

    def count(self, server: Server, said: list[dict[str, object]]) -> None:
        """Count what was left by the life that has just ended, and forget it."""
        taken = [*server.desk.taken.values()]
        self.thinking += sum(each.kind == _DEFERRED and each.answer is None for each in taken)
        replies: dict[object, str] = {}
        for each in server.world.messages.values():
            if reference := each.get("message_reference"):
                replies[reference["message_id"]] = texts(each)
        self.answered_later += len(replies.keys() - {each["id"] for each in said})
        self.waking += sum(words("ask.waking") in text for text in replies.values())
        self.unheard += sum(each["id"] not in replies for each in said)
        self.asked += len(taken) + len(said)
        server.world.messages.clear()
        server.requests.clear()


@dataclass(slots=True)
class Scene:
    """One data folder, the Discord around it, and what was seen so far."""

    server: Server
    data: Path
    bot: Process
    rng: random.Random
    tally: Tally = field(default_factory=Tally)
    ledger: Ledger = field(default_factory=Ledger)
    owed: Owed = field(default_factory=Owed)
    kills: Counter[str] = field(default_factory=Counter)
    connected_s: list[float] = field(default_factory=list)
    opened_s: list[float] = field(default_factory=list)
    left_s: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """Starts that came to nothing, and ends that were not in order."""
    said: list[dict[str, object]] = field(default_factory=list)


def rows(times: int = _TIMES) -> Iterator[Row]:
    """Kill the bot so often under quizzes and questions; then backups, restores and upgrades, some dozens each."""
    yield from asyncio.run(_crashes(times))
    yield from breakages.rows(max(3, min(40, times // 5)))


async def _crashes(times: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        shutil.copytree(essay_settings().data, data)
        async with Server() as server:
            bot = Process(server, data, questions_per_minute=None)
            scene = Scene(server, data, bot, random.Random(0))
            learners = [Learner(server, scene.tally, number, seed=1) for number in range(_LEARNERS)]
            await _live(scene, learners, None, 0.0)
            while scene.kills.total() < times and len(scene.failed) < 10:
                await _live(scene, learners, scene.rng.choice([*Phase]), scene.rng.random())
                print(f"\r{scene.kills.total()} of {times} kills", end="", file=sys.stderr, flush=True)
            # Once more, so that whatever was shown before the last kill is pressed.
            await _live(scene, learners, None, 0.0)
            print(file=sys.stderr)
            return [*_rows(scene)]


async def _live(scene: Scene, learners: list[Learner], phase: Phase | None, share: float) -> None:
    """Let the bot live until this share of a phase has passed, kill it, and look; without a phase it ends in order."""
    began = time.monotonic()
    await scene.bot.start()
    acting = asyncio.create_task(_load(scene, learners, began))
    if phase is Phase.STARTING:
        await _pass(scene, share * median(scene.opened_s))
    elif await _reached(scene, began, opened=phase is not Phase.LEAVING or scene.rng.random() < 0.5):
        await _pass(scene, share * _SERVES_S if phase is Phase.SERVING else _BEFORE_LEAVING_S)
        if phase is not Phase.SERVING:
            await _leave(scene, share if phase is not None else None)
    code = scene.bot.exit_code
    await scene.bot.kill()
    await asyncio.sleep(_DIGESTED_S)  # what it had sent before is still heard
    acting.cancel()
    await asyncio.gather(acting, return_exceptions=True)
    if code is None and phase is not None:
        scene.kills[phase] += 1
    elif code != 0 or phase not in (Phase.LEAVING, None):
        scene.failed.append(f"{phase}: {code}, saying {scene.bot.said[-300:]}")
    for learner in learners:
        learner.wait_for_return()
    scene.tally.is_leaving = False
    chosen = [found for found in (learner.chosen() for learner in learners) if found is not None]
    await asyncio.to_thread(scene.ledger.look, scene.data, scene.tally, chosen)
    scene.owed.count(scene.server, scene.said)
    scene.server.desk.taken.clear()
    scene.said.clear()


async def _reached(scene: Scene, began: float, *, opened: bool) -> bool:
    """Wait until it is connected, or until its library is open as well."""
    bot, gateway = scene.bot, scene.server.gateway

    def is_there() -> bool:
        return bot.exit_code is not None or (bot.is_open if opened else gateway.live is not None)

    there = await comes_true(is_there, _STARTED_WITHIN_S) and bot.exit_code is None
    if opened:
        scene.opened_s.append(time.monotonic() - began)
    return there


async def _leave(scene: Scene, share: float | None) -> None:
    """Ask it to end, and wait for this share of the time that this takes; without one until it has ended."""
    began, scene.tally.is_leaving = time.monotonic(), True
    scene.bot.signal(signal.SIGTERM)
    await _pass(scene, 20.0 if share is None else share * median(scene.left_s))
    if scene.bot.exit_code is not None:
        scene.left_s.append(time.monotonic() - began)


async def _pass(scene: Scene, seconds: float) -> None:
    """Wait so long, or until the bot has ended by itself."""
    await comes_true(lambda: scene.bot.exit_code is not None, seconds)


async def _load(scene: Scene, learners: list[Learner], began: float) -> None:
    """Once the bot is connected: answer quizzes, and ask by mention and by command in turn."""
    await comes_true(lambda: scene.server.gateway.live is not None, _STARTED_WITHIN_S)
    scene.connected_s.append(time.monotonic() - began)
    async with asyncio.TaskGroup() as together:
        for learner in learners:
            together.create_task(learner.play())
        together.create_task(_ask(scene))


async def _ask(scene: Scene) -> None:
    people = [Actor(scene.server, f"p{number}", channel=number % CHANNELS) for number in range(_PEOPLE)]
    scene.rng.shuffle(people)
    for number in range(10**6):
        person, question = people[number % _PEOPLE], f"{QUESTIONS[number // 2 % len(QUESTIONS)]} ({number})"
        if number % 2:
            await person.slash("ask", question=question)
        else:
            scene.said.append(await person.says(question))
        await asyncio.sleep(_ASKS_EVERY_S)


def _rows(scene: Scene) -> Iterator[Row]:
    tally, ledger, owed, times = scene.tally, scene.ledger, scene.owed, scene.kills.total()
    moments = ", ".join(f"{scene.kills[phase]} {phase}" for phase in Phase)
    told = len(tally.told)
    yield Row("the bot with the real model, under quizzes and questions: killed", f"{times} times ({moments})")
    yield Row("from its start to connected; to its library open (medians)", _seconds(scene.connected_s, scene.opened_s))
    yield _none("quiz answers told with a verdict and lost", [*ledger.lost], f"of {told:,}")
    yield _none("  kept with another verdict, option or person", [*ledger.wrong], f"of {told:,}")
    yield _none("  counted twice, half, unasked, or changed later", [*ledger.doubled], f"of {ledger.answers:,}")
    yield _none("choices that people saw as made and that are lost", [*ledger.choices_lost])
    yield _none("stores that SQLite's integrity check faults", ledger.unsound, f"of {times}")
    yield _none("starts that failed, ends out of order", scene.failed)
    again = f"of {tally.presses:,}, {tally.pressed_again:,} of them the first after a kill"
    yield _none("presses without an answer or with a wrong one", tally.dead, again)
    yield _none("rules of Discord's broken", [*scene.server.violations])
    yield Row("presses told that the bot is ending", str(tally.turned_away))
    left = f"{owed.thinking} commands, {owed.waking} mentions half-way, {owed.unheard} unheard, of {owed.asked:,}"
    yield Row("left waiting by a kill", left)
    yield Row("  of these answered by a later start", str(owed.answered_later))


def _none(what: str, found: Sequence[object], of: str = "") -> Row:
    shown = f"{len(found)} {of} {[*map(str, found[:2])] if found else ''}"
    return Row(what, shown.strip()[:400], "0", not found)


def _seconds(*measured: list[float]) -> str:
    return "; ".join(f"{median(each):.1f} s" for each in measured if each)
