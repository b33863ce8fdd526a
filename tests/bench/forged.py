"""Forges the id of every class of button and form in every way and counts what is let through."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import simcord

from bot.answering.engine import AnsweringEngine
from bot.app import TutorBot
from bot.libraries.opening import open_library
from bot.settings import Settings
from tests.bench.quality import essay_settings
from tests.bench.results import Row
from tests.hostile.forged import Outcome, forge_all
from tests.hostile.forged_records import Forgery

_IDLE_S = 0.002
_SHOWN = 5


def rows() -> Iterator[Row]:
    """Run the bot in a simulated Discord with the essay and a store of its own, and forge every class."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        shutil.copytree(essay_settings().data, data, dirs_exist_ok=True)
        outcome = asyncio.run(_forged(data))
    for forgery in Forgery:
        yield Row(f"  forged ids: {forgery}", str(outcome.tried[forgery]))
    tried, through = sum(outcome.tried.values()), len(outcome.faults)
    yield Row(
        "forged custom ids, every class of button and form: let through", f"{through} of {tried}", "0", not through
    )
    for fault in outcome.faults[:_SHOWN]:
        yield Row(f"    {fault}", "")
    for what, found in (
        ("  not answered with a clear sentence", outcome.mute),
        ("  classes that nobody has forged", outcome.missing),
        ("  classes whose id does nothing for its owner either", outcome.dead),
    ):
        yield Row(what, str(len(found)), "0", not found)
        for fault in found[:_SHOWN]:
            yield Row(f"    {fault}", "")
    yield Row("  uses that are allowed by design (class and forgery, not counted above)", str(len(outcome.legitimate)))


async def _forged(data: Path) -> Outcome:
    defaults = cast("dict[str, Any]", simcord.Env._settle_internal.__kwdefaults__)
    defaults["idle"] = _IDLE_S
    settings = Settings(_env_file=None, data=data, actions_per_minute=10**6, keep_generations=20)
    library = open_library(settings)
    bot = TutorBot(settings, AnsweringEngine(settings, load=lambda: library))
    env = simcord.Env(bot, shard_count=1)
    await env.start()
    try:
        return await forge_all(env, bot, library)
    finally:
        await bot.close()
        await env.shutdown()
