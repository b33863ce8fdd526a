"""Holds the whole bot, as a process, under load for minutes while its connection is cut and its library rebuilt."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bot.backup.making import back_up
from prompts import words
from tests.bench.quality import essay_settings
from tests.bench.results import Found, Row, Series
from tests.gateway.interactions import Interaction
from tests.gateway.person import Actor
from tests.gateway.process import Process
from tests.gateway.server import Server
from tests.gateway.world import CHANNELS, TOKEN, Json, texts

_PER_SECOND = 50
_PEOPLE = 2000
_CUTS = 100
_SETTLED_S = 30.0
QUESTIONS = (
    "What is the metaverse?",
    "How does the metaverse differ from the Internet?",
    "What is the leading technology of the metaverse?",
    "Is the Internet economy a traffic economy?",
    "Who dominates the Internet era?",
    "How much does a headset cost?",
    "Does the metaverse take traffic as its goal?",
    "What does the author think of capital?",
    "Why do people confuse the two?",
    "What is the industrial form of the metaverse?",
)


@dataclass(slots=True)
class Load:
    """What was asked, and what was seen meanwhile."""

    said: list[Json] = field(default_factory=list)
    slashed: list[Interaction] = field(default_factory=list)
    rebuilds: list[Interaction] = field(default_factory=list)
    own_lag_s: list[float] = field(default_factory=list)
    """By how much this process itself was late: what it measures cannot be better."""
    memory_mb: list[float] = field(default_factory=list)
    cuts: int = 0


def rows(minutes: float = 10) -> list[Found]:
    """Run for so many minutes and say what came of it."""
    return asyncio.run(_soak(60 * minutes))


async def _soak(seconds: float) -> list[Found]:
    """Ask, cut and rebuild for so many seconds, wait until all is settled, and give the rows of the table."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        shutil.copytree(essay_settings().data, data, dirs_exist_ok=True)
        # The interval is short so that there are heartbeats to measure between two cuts.
        server = Server(beat_s=0.5, per_channel=5)
        async with server, Process(server, data, questions_per_minute=None, health=True) as bot:
            await bot.ready()
            load, end = Load(), time.monotonic() + seconds
            beside = [
                asyncio.create_task(each)
                for each in (_cut(server, load, seconds), _rebuild(server, load), _watch(bot.pid, load, seconds))
            ]
            await _ask(server, load, end)
            for each in beside:
                each.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await _settled(server, load)
            told = await bot.page("/metrics")
            code = await bot.stop()
            told += bot.said + await asyncio.to_thread(_backup_says, data)
        ended = Row("exit code after SIGTERM", str(code), "0", code == 0)
        memory = Series(
            "memory", {"minutes": _minutes(load, seconds), "MB": [round(each, 1) for each in load.memory_mb]}
        )
        return [*_rows(server, load, bot), ended, _secrets(load, told), memory]


def _minutes(load: Load, seconds: float) -> list[float]:
    return [round((number + 1) * seconds / 20 / 60, 2) for number in range(len(load.memory_mb))]


def _backup_says(data: Path) -> str:
    """Make a backup and give all that can be read of it without unpacking it: names and its manifest."""
    made = back_up(data, data / "backup.tutor", at="2026-01-01T00:00:00+00:00")
    with zipfile.ZipFile(data / "backup.tutor") as archive:
        return str(archive.infolist()) + str(archive.comment) + made.model_dump_json()


def _secrets(load: Load, told: str) -> Row:
    """Look for what nobody may read there: tokens, what people asked, and who they are."""
    tokens = [TOKEN, *(each.body["token"] for each in load.slashed)]
    people = {each["author"]["id"] for each in load.said}
    found = sum(each in told for each in [*tokens, *QUESTIONS, *people])
    where = f"{len(told.splitlines())} lines of log, metrics and backup's manifest"
    return Row(f"tokens, texts or people's ids in {where}", str(found), "0", found == 0)


async def _ask(server: Server, load: Load, end: float) -> None:
    """Ask on the beat, by mention and by command in turn; many people, so that none runs into the quota."""
    people = [Actor(server, f"p{number}", channel=number % CHANNELS) for number in range(_PEOPLE)]
    began, number = time.monotonic(), 0
    while (now := time.monotonic()) < end:
        due = began + number / _PER_SECOND
        if due > now:
            await asyncio.sleep(due - now)
        person = people[number % _PEOPLE]
        question = f"{QUESTIONS[number // 2 % len(QUESTIONS)]} ({number})"
        if number % 2:
            load.slashed.append(await person.slash("ask", question=question))
        else:
            load.said.append(await person.says(question))
        number += 1


async def _cut(server: Server, load: Load, seconds: float) -> None:
    """Lose the connection at random moments, in every way after which a session is resumed."""
    rng = random.Random(1)
    moments = sorted(rng.uniform(0, seconds) for _ in range(_CUTS))
    began = time.monotonic()
    for moment in moments:
        await asyncio.sleep(max(began + moment - time.monotonic(), 0))
        way = rng.choice((server.gateway.drop, server.gateway.ask_to_reconnect, lambda: server.gateway.close(4000)))
        load.cuts += server.gateway.live is not None
        await way()


async def _rebuild(server: Server, load: Load) -> None:
    """Have the library rebuilt again and again."""
    keeper = Actor(server, "keeper")
    while True:
        load.rebuilds.append(await keeper.slash("library rebuild"))
        await asyncio.sleep(15)


async def _watch(pid: int, load: Load, seconds: float) -> None:
    """Note the bot's memory 20 times, and how late this process wakes up."""
    began, noted = time.monotonic(), 0
    while True:
        before = time.monotonic()
        await asyncio.sleep(0.05)
        load.own_lag_s.append(time.monotonic() - before - 0.05)
        if time.monotonic() - began > (noted + 1) * seconds / 20:
            noted += 1
            load.memory_mb.append(_resident_mb(pid))


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def _settled(server: Server, load: Load) -> None:
    """Wait until everybody has heard something, at most so many seconds."""
    end = time.monotonic() + _SETTLED_S
    while time.monotonic() < end:
        await asyncio.sleep(0.5)
        if not _unheard(server, load) and all(each.answer is not None for each in load.slashed):
            return


def _replies(server: Server) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    for each in server.world.messages.values():
        if reference := each.get("message_reference"):
            found.setdefault(reference["message_id"], []).append(each)
    return found


def _unheard(server: Server, load: Load) -> int:
    replies = _replies(server)
    return sum(asked["id"] not in replies for asked in load.said)


def _rows(server: Server, load: Load, bot: Process) -> Iterator[Row]:
    replies = _replies(server)
    asked = len(load.said) + len(load.slashed)
    shown = [texts(each[0]) for each in replies.values()] + [
        texts(each.answer) for each in load.slashed if each.answer is not None
    ]
    busy = sum(words("errors.busy") in text for text in shown)
    gateway = server.gateway
    yield Row(
        f"asked, {_PER_SECOND} a second wanted; told that the bot is busy", f"{asked}; {busy} ({busy / asked:.0%})"
    )
    lag = 1000 * np.percentile(load.own_lag_s, [50, 99, 100])
    yield Row("this process itself was late: median, 99 %, most", f"{lag[0]:.0f}, {lag[1]:.0f}, {lag[2]:.0f} ms")
    yield Row("connections cut; resumed; begun anew", f"{load.cuts}; {gateway.resumed}; {gateway.identified - 1}")
    late = sum(each > 1 for each in gateway.late_s)
    most = max(gateway.late_s, default=0.0)
    yield Row(
        "heartbeats late by more than 1 s", f"{late} of {len(gateway.late_s)} (most {most:.2f} s)", "0", late == 0
    )
    commands = [*load.slashed, *load.rebuilds]
    waits = [each.acknowledged_s if each.acknowledged_s is not None else np.inf for each in commands]
    slow = sum(each > 1.5 for each in waits)
    spread = f"median {np.median(waits):.2f}, 99 % {np.percentile(waits, 99):.2f}, most {max(waits):.2f} s"
    yield Row("interactions acknowledged later than 1.5 s", f"{slow} of {len(waits)} ({spread})", "0", slow == 0)
    answered = [each.answered_s for each in load.slashed if each.answered_s is not None]
    yield Row(
        "a command's answer: median, 99 %", "{:.2f}, {:.2f} s".format(*np.percentile(answered or [np.inf], [50, 99]))
    )
    unheard = sum(message["id"] not in replies for message in load.said)
    unheard += sum(each.answer is None for each in load.slashed)
    yield Row("questions neither answered nor told that they failed", f"{unheard} of {asked}", "0", unheard == 0)
    twice = sum(len(each) > 1 for each in replies.values())
    yield Row("questions answered twice", str(twice), "0", twice == 0)
    rules = len(server.violations)
    yield Row("rules of Discord's broken", f"{rules} {sorted(set(server.violations))[:2]}"[:120], "0", rules == 0)
    yield from _process_rows(load, bot)


def _process_rows(load: Load, bot: Process) -> Iterator[Row]:
    early, last = load.memory_mb[1], load.memory_mb[-1]
    grown = last / early - 1
    shown = f"{last:.0f} / {early:.0f} MB ({grown:+.1%})"
    yield Row("memory at the end against after the first tenth", shown, "< +5 %", grown < 0.05)
    yield Row("rebuilds asked for beside it", str(len(load.rebuilds)))
    errors = [line for line in bot.said.splitlines() if " ERROR " in line]
    yield Row("errors in the log", f"{len(errors)} {errors[:1]}"[:120], "0", not errors)
