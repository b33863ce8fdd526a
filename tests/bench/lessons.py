"""Measures what a press of a lesson costs beside one of a quiz, and kills lessons at random moments."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import simcord

from bot.answering.engine import AnsweringEngine
from bot.app import TutorBot
from bot.libraries.opening import open_library
from bot.settings import Settings
from index.generations.texts import live_texts
from tests.bench.quality import essay_settings
from tests.bench.results import Row
from tests.bot.learning.lesson_kills import killed

if TYPE_CHECKING:
    from collections.abc import Iterator

_PEOPLE, _STEPS = 12, 14
_WARM_UP = 10
_IDLE_S = 0.002
_KILLS = 100
_ONWARD = ("Go on", "Ask me about it", "Read how the author puts it")
_PRESSES = ("choose", "submit", "onward")


def rows() -> Iterator[Row]:
    """Measure presses in the simulated Discord; then kill processes in which people take lessons."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        shutil.copytree(essay_settings().data, data, dirs_exist_ok=True)
        yield from asyncio.run(_pressing(data))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        found = killed(data, live_texts(essay_settings().data), _KILLS, seed=1)
        what = f"kill -9 at {_KILLS} moments of lessons"
        shown = f"{found.steps} steps, {len(found.answered)} answers seen"
        yield Row(f"{what}: steps or answers lost", f"{found.lost} ({shown})", "0", found.lost == 0)
        yield Row(f"{what}: steps or lessons doubled, out of order", str(found.doubled), "0", found.doubled == 0)
        yield Row(f"{what}: dead buttons", f"{found.dead} of {found.pressed}", "0", found.dead == 0)


async def _pressing(data: Path) -> list[Row]:
    """Let people press in a quiz and in a lesson in turn: to choose, to submit, and to go on."""
    defaults = cast("dict[str, Any]", simcord.Env._settle_internal.__kwdefaults__)
    defaults["idle"] = _IDLE_S
    settings = Settings(_env_file=None, data=data)
    library = open_library(settings)
    bot = TutorBot(settings, AnsweringEngine(settings, load=lambda: library))
    env = simcord.Env(bot, shard_count=1)
    await env.start()
    times: dict[str, list[float]] = {f"{place} {press}": [] for place in ("quiz", "lesson") for press in _PRESSES}
    try:
        guild = env.create_guild()
        channel = guild.create_text_channel("quiz")
        for number in range(_PEOPLE):
            person = guild.add_member(env.create_user(f"person{number}"))
            quiz = (await person.slash(channel, "quiz start", number=20)).response
            lesson = (await person.slash(channel, "learn")).response
            for _ in range(_STEPS):
                await _step(person, quiz, "quiz", times)
                await _step(person, lesson, "lesson", times)
            await env.advance_time(60)
    finally:
        await bot.close()
        await env.shutdown()
    ms = {kind: 1000 * float(np.median(spent[_WARM_UP:])) for kind, spent in times.items()}
    result = []
    for press in _PRESSES:
        ratio = ms[f"lesson {press}"] / ms[f"quiz {press}"]
        measured = f"{ratio:.2f} ({ms[f'lesson {press}']:.1f} / {ms[f'quiz {press}']:.1f} ms)"
        result.append(Row(f"press to {press}: committed and shown, lesson / quiz", measured))
    # A quiz commits its answer at the submission, and shows the next step without a commit.
    longest = max(ms[f"lesson {press}"] for press in _PRESSES) / ms["quiz submit"]
    result.append(Row("slowest press of a lesson / submission of a quiz", f"{longest:.2f}", "<= 1.1", longest <= 1.1))
    return result


async def _step(person: Any, message: Any, place: str, times: dict[str, list[float]]) -> None:
    """Do what the screen asks, one press or three, and go on."""
    labels = _labels(message)
    if "Write your answer" in labels:
        return
    if "Submit" in labels:
        await _timed(person, message, "A", times[f"{place} choose"])
        await _timed(person, message, "Submit", times[f"{place} submit"])
    onward = next((label for label in _labels(message) if label in (*_ONWARD, "Next question")), None)
    if onward is not None:
        await _timed(person, message, onward, times[f"{place} onward"])


async def _timed(person: Any, message: Any, label: str, spent: list[float]) -> None:
    began = time.perf_counter()
    await person.click(message, label=label)
    spent.append(time.perf_counter() - began)


def _labels(message: Any) -> list[str]:
    return [str(part["label"]) for part in simcord.components.walk_components(message.components) if part.get("label")]
