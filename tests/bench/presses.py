"""Measures what a press of a quiz button costs, and whether a crowd's answers all arrive."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from re import Match
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import discord
import numpy as np
import simcord
from sqlalchemy import func, select

from bot.answering.engine import AnsweringEngine
from bot.app import TutorBot
from bot.learning.approved import ApprovedItems
from bot.learning.deck import Deck
from bot.learning.rounds import Rounds
from bot.learning.sessions import QuizSessions
from bot.learning.views import Shown
from bot.libraries.opening import open_library
from bot.quiz.items import ItemKind
from bot.settings import Settings
from bot.store.database import Store
from bot.store.schema import answers
from bot.ui.owner import KEYED, Owner
from bot.ui.persistent import PersistentButton
from bot.ui.quiz.step import step_view
from tests.bench.quality import essay_settings
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRESSES = 120
_EACH = 20  # presses of one learner: the bank must not run out of choices for them
_WARM_UP = 20
_PEOPLE = 200
_IDLE_S = 0.002


class BareButton(PersistentButton, template=r"bench:bare"):
    """Edits the message it stands under and does nothing else; `shown` is a step to lay out, None for two words."""

    shown: ClassVar[Shown | None] = None

    def __init__(self) -> None:
        super().__init__(discord.ui.Button(label="Bare", custom_id="bench:bare"))

    @classmethod
    async def restore(cls, interaction: discord.Interaction[Any], match: Match[str]) -> Self:
        return cls()

    async def owner(self, interaction: discord.Interaction[Any]) -> Owner:
        return KEYED

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.edit_message(view=bare(self.shown))


def bare(shown: Shown | None) -> discord.ui.LayoutView:
    """Lay out a step, or two words, above the bare button."""
    view = discord.ui.LayoutView(timeout=None) if shown is None else step_view(shown)
    if shown is None:
        view.add_item(discord.ui.Container(discord.ui.TextDisplay("A message.")))
    view.add_item(discord.ui.ActionRow(BareButton()))
    return view


def rows() -> Iterator[Row]:
    """Measure presses in the simulated Discord and a crowd at the store."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        shutil.copytree(essay_settings().data, data, dirs_exist_ok=True)
        yield from asyncio.run(_pressing(data))
        yield asyncio.run(_crowd(data))


async def _pressing(data: Path) -> list[Row]:
    """Press to choose and to submit, which commits, and bare buttons that only edit, all in turn."""
    defaults = cast("dict[str, Any]", simcord.Env._settle_internal.__kwdefaults__)
    defaults["idle"] = _IDLE_S
    settings = Settings(_env_file=None, data=data)
    library = open_library(settings)
    bot = TutorBot(settings, AnsweringEngine(settings, load=lambda: library))
    env = simcord.Env(bot, shard_count=1)
    await env.start()
    try:
        channel = env.create_guild().create_text_channel("quiz")
        guild = channel.guild
        learners = [guild.add_member(env.create_user(f"learner{n}")) for n in range(_PRESSES // _EACH)]
        bare_message = await bot.get_partial_messageable(channel.id).send(view=bare(None))
        times: dict[str, list[float]] = {"choose": [], "submit": [], "bare": [], "same": []}

        async def timed(kind: str, learner: Any, message: Any, label: str) -> None:
            began = time.perf_counter()
            await learner.click(message, label=label)
            times[kind].append(time.perf_counter() - began)

        for learner in (learner for learner in learners for _ in range(_EACH)):
            message, shown = await _choice(bot, learner, channel)
            for kind, layout in (("bare", None), ("same", shown)):
                BareButton.shown = layout
                await timed(kind, learner, bare_message, "Bare")
            await timed("choose", learner, message, "A")
            await timed("submit", learner, message, "Submit")
    finally:
        await bot.close()
        await env.shutdown()
    ms = {kind: 1000 * float(np.median(spent[_WARM_UP:])) for kind, spent in times.items()}
    rows = []
    for kind in ("choose", "submit"):
        for base, of, wanted in (("same", "the same layout", 2.0), ("bare", "two words", None)):
            ratio = ms[kind] / ms[base]
            what = f"press to {kind}, committed and edited / bare edit_message of {of}"
            measured = f"{ratio:.2f} ({ms[kind]:.1f} / {ms[base]:.1f} ms)"
            rows.append(Row(what, measured) if wanted is None else Row(what, measured, "<= 2", ratio <= wanted))
    return rows


async def _choice(bot: TutorBot, learner: Any, channel: Any) -> tuple[Any, Shown]:
    """Begin quizzes until the first question is a choice."""
    while True:
        message = (await learner.slash(channel, "quiz start", number=1)).response
        components = simcord.components.walk_components(message.components)
        submit = next((part for part in components if part.get("label") == "Submit"), None)
        if submit is None:
            continue
        shown = await bot.services.quiz_sessions.show(int(submit["custom_id"].split(":")[3]), 0, learner.id)
        if isinstance(shown, Shown) and shown.item is not None and shown.item.kind is ItemKind.CHOICE:
            return message, shown


async def _crowd(data: Path) -> Row:
    """Have 200 people submit at the same moment, each twice."""
    store, tutor = Store(data), AnsweringEngine(Settings(_env_file=None, data=data))
    now, deck = partial(datetime.now, UTC), Deck(tutor, ApprovedItems(store))
    rounds, walks = Rounds(store, deck, now=now), QuizSessions(store, deck, tutor, now=now, rng=random.Random(1))
    try:
        state = await rounds.open(guild=1, channel=2, host=3, number=1, lasts=timedelta(minutes=5))
        people = range(1, _PEOPLE + 1)
        joined = await asyncio.gather(*(rounds.join(state.round.id, person) for person in people))
        await asyncio.gather(*(walks.pick(s.session, 0, 0, p) for p, s in zip(people, joined, strict=True)))
        twice = [(shown.session, person) for person, shown in zip(people, joined, strict=True)] * 2
        began = time.perf_counter()
        await asyncio.gather(*(walks.submit(session, 0, person) for session, person in twice))
        spent = time.perf_counter() - began
        async with store.reading() as connection:
            wanted = select(func.count()).select_from(answers).where(answers.c.guild == 1)
            kept = (await connection.execute(wanted)).scalar_one()
    finally:
        await store.close()
        await tutor.close()
    wrong = abs(kept - _PEOPLE)
    what = f"{_PEOPLE} people in one round, each submitting twice: lost or counted twice"
    return Row(what, f"{wrong} (all in {spent:.2f} s)", "0", wrong == 0)
