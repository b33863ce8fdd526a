"""Public rounds: everybody answers in private, nobody can change the key, and all is counted once."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from bot.answering.engine import AnsweringEngine
from bot.learning.approved import ApprovedItems
from bot.learning.deck import Deck
from bot.learning.rounds import Rounds
from bot.learning.sessions import QuizSessions
from bot.quiz.items import ItemKind
from bot.quiz.rounds import person_rng
from bot.settings import Settings
from bot.store.database import Store
from bot.store.schema import answers
from tests.bot.conftest import Stage, labels, texts
from tests.bot.player import Player

if TYPE_CHECKING:
    from bot.libraries.opening import Library

pytestmark = [pytest.mark.asyncio, pytest.mark.model, pytest.mark.usefixtures("database")]

NUMBER = 3


async def open_round(stage: Stage, **options: Any) -> Any:
    result = await stage.alice.slash(stage.channel, "quiz round", number=NUMBER, **options)
    assert not result.ephemeral
    return result.response


async def join(stage: Stage, actor: Any, message: Any, label: str = "Answer") -> Player:
    result = await actor.click(message, label=label)
    assert result.ephemeral
    player = Player(stage, actor)
    player.message = result.response
    return player


async def play(player: Player, *, right: bool) -> None:
    for number in range(NUMBER):
        await player.answer(right=right)
        assert "Your answer is in" in player.screen
        if number < NUMBER - 1:
            await player.onward()


async def test_two_people_play_a_round(quiz_stage: Stage) -> None:
    """Nobody learns who knew what before it closes; then all do, and each can look at their own answers."""
    stage = quiz_stage
    message = await open_round(stage)
    sealed = re.findall(r"[0-9a-f]{64}", texts(message))
    assert len(sealed) == 1
    alice, bob = await join(stage, stage.alice, message), await join(stage, stage.bob, message)
    assert "Hint" not in alice.labels
    await play(alice, right=True)
    await play(bob, right=False)
    assert "Right" not in bob.screen
    await bob.onward()
    assert "when the round closes" in bob.screen

    await stage.alice.click(message, label="Close the round")
    told = texts(message)
    assert told.index(f"<@{stage.alice.id}>") < told.index(f"<@{stage.bob.id}>")
    assert "**3** of 3" in told
    assert "**0** of 3" in told
    again = await join(stage, stage.bob, message, "My answers")
    assert "Not quite" in again.screen
    assert "Show in context" in again.labels


async def test_my_answers_of_a_closed_round_shows_every_question(quiz_stage: Stage) -> None:
    """One question after the other with its key, answered or not, and then how it went."""
    message = await open_round(quiz_stage)
    bob = await join(quiz_stage, quiz_stage.bob, message)
    await bob.answer(right=False)
    await quiz_stage.alice.click(message, label="Close the round")
    again = await join(quiz_stage, quiz_stage.bob, message, "My answers")
    seen, session = [], await again.session()
    for number in range(NUMBER):
        item = await again.item()
        seen.append(item.id)
        assert "Right is:" in again.screen
        assert ("Not quite" if number == 0 else "You did not answer this one") in again.screen
        assert "Submit" not in again.labels
        await again.onward()
    assert seen == [step.item for step in session.steps]
    assert "### 0 of 1" in again.screen


async def test_the_seal_can_be_opened_by_anybody(quiz_stage: Stage) -> None:
    """Seed and key, as they are shown after the end, hash to what was shown before the beginning."""
    message = await open_round(quiz_stage)
    (sealed,) = re.findall(r"[0-9a-f]{64}", texts(message))
    await quiz_stage.alice.click(message, label="Close the round")
    told = texts(message)
    (key,) = re.findall(r"```\n(.*?)\n```", told, re.DOTALL)
    (seed,) = re.findall(r"`([0-9a-f]{32})`", told)
    assert hashlib.sha256(f"{seed}\n{key}".encode()).hexdigest() == sealed
    assert len(key.split("\n")) == NUMBER


async def test_it_closes_when_its_time_is_up(quiz_stage: Stage) -> None:
    """Nobody has to press anything; late answers are refused kindly."""
    message = await open_round(quiz_stage, minutes=1)
    player = await join(quiz_stage, quiz_stage.bob, message)
    await player.pick(right=True)
    await quiz_stage.env.advance_time(61)
    await quiz_stage.env.settle()
    assert "The round is closed" in texts(message)
    late = await player.press("Submit")
    assert "This round is over" in texts(late.response)
    newcomer = await quiz_stage.alice.click(message, label="My answers")
    assert "This round is over" in texts(newcomer.followups[-1] if newcomer.followups else newcomer.response)


async def test_a_round_outlives_a_restart(quiz_stage: Stage) -> None:
    """Answers given before count, and the clock goes on."""
    message = await open_round(quiz_stage, minutes=2)
    player = await join(quiz_stage, quiz_stage.bob, message)
    await player.answer(right=True)
    await quiz_stage.restart()
    await quiz_stage.env.settle()
    again = await join(quiz_stage, quiz_stage.bob, message)
    assert again.place[1] == 1
    await quiz_stage.env.advance_time(121)
    await quiz_stage.env.settle()
    assert "**1** of 3" in texts(message)


async def test_only_the_host_or_a_manager_closes_it(quiz_stage: Stage) -> None:
    """Anybody else is told so, and the round stays open."""
    message = await open_round(quiz_stage)
    result = await quiz_stage.bob.click(message, label="Close the round")
    assert "Only whoever opened the round" in texts(result.response)
    assert "Close the round" in labels(message)


async def test_options_are_in_an_order_of_ones_own(quiz_stage: Stage) -> None:
    """The order comes from the seed and the person, so that it can be repeated afterwards."""
    message = await open_round(quiz_stage)
    player = await join(quiz_stage, quiz_stage.bob, message)
    session = await player.session()
    assert session.round is not None
    state = await quiz_stage.bot.services.rounds.state(session.round)
    rng = person_rng(state.round.seed, quiz_stage.bob.id)
    bank = (await quiz_stage.bot.services.deck.cards()).bank
    for dealt, step in zip(state.round.items, session.steps, strict=True):
        options = list(range(len(bank.by_id[dealt.item].options)))
        if bank.by_id[dealt.item].kind in (ItemKind.CHOICE, ItemKind.GAP):
            rng.shuffle(options)
        assert step.options == tuple(options)


async def test_two_hundred_people_at_once(
    essay: tuple[Settings, Library], tmp_path: Path, database: str | None
) -> None:
    """Of 200 people who answer at the same time, each press coming twice, no answer is lost or counted twice.

    Without the simulated Discord, whose clock would run on to the end of the round while the store is at work.
    """
    shutil.copytree(essay[0].data, tmp_path, dirs_exist_ok=True)
    store, tutor = Store(tmp_path, database=database), AnsweringEngine(Settings(_env_file=None, data=tmp_path))
    now = partial(datetime.now, UTC)
    deck = Deck(tutor, ApprovedItems(store))
    rounds, walks = Rounds(store, deck, now=now), QuizSessions(store, deck, tutor, now=now, rng=random.Random(1))
    try:
        state = await rounds.open(guild=1, channel=2, host=3, number=1, lasts=timedelta(minutes=5))
        key = (await deck.cards()).bank.by_id[state.round.items[0].item].key
        joined = await asyncio.gather(*(rounds.join(state.round.id, person) for person in range(1, 201)))
        for person, shown in enumerate(joined, 1):
            await walks.pick(shown.session, 0, shown.step.options.index(key), person)
        began = time.perf_counter()
        submitted = await asyncio.gather(
            *(walks.submit(shown.session, 0, person) for person, shown in enumerate(joined, 1) for _ in range(2))
        )
        print(f"200 people answered, each twice, in {time.perf_counter() - began:.2f} s")
        assert all(shown.step.submitted is not None for shown in submitted)
        standings = (await rounds.close(state.round.id)).standings
        async with store.reading() as connection:
            kept = (await connection.execute(select(func.count()).select_from(answers))).scalar_one()
    finally:
        await store.close()
        await tutor.close()
    assert kept == 200
    assert [(standing.points, standing.answered) for standing in standings] == [(1.0, 1)] * 200
    assert {standing.person for standing in standings} == set(range(1, 201))
