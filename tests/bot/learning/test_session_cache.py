"""Quizzes that were started and never touched do not stay for ever."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.errors import QuizError
from bot.learning.session_cache import UNTOUCHED
from bot.store.schema import sessions, steps
from tests.bot.conftest import Stage

pytestmark = [pytest.mark.asyncio, pytest.mark.model, pytest.mark.usefixtures("database")]


async def test_untouched_sessions_expire_and_others_stay(quiz_stage: Stage) -> None:
    """One with a choice stays, and one of an open round; the buttons of one that went are outdated, cache or not."""
    bot, alice, bob = quiz_stage.bot, quiz_stage.alice.id, quiz_stage.bob.id
    bot.services.quiz_sessions._rng = random.Random(1)  # with others the first item may be one without options to pick
    untouched = await bot.services.quiz_sessions.start(alice, 1, number=2)
    touched = await bot.services.quiz_sessions.start(alice, 1, number=2)
    await bot.services.quiz_sessions.pick(touched.session, 0, 0, alice)
    around = await bot.services.rounds.open(guild=1, channel=2, host=bob, number=1, lasts=timedelta(days=30))
    joined = await bot.services.rounds.join(around.round.id, bob)
    now, cache = bot.services.now(), bot.services.quiz_sessions.cache
    cache._now = lambda: now + UNTOUCHED - timedelta(minutes=1)
    assert await cache.delete_untouched() == 0
    cache._now = lambda: now + UNTOUCHED + timedelta(minutes=1)
    assert await cache.delete_untouched() == 1
    async with bot.services.store.reading() as connection:
        left = (await connection.execute(select(sessions.c.id).order_by(sessions.c.id))).scalars().all()
        belong = {*(await connection.execute(select(steps.c.session))).scalars()}
    assert left == [touched.session, joined.session]
    assert belong == {*left}
    with pytest.raises(QuizError, match="no longer kept"):
        await bot.services.quiz_sessions.pick(untouched.session, 0, 0, alice)
    await bot.services.rounds.close(around.round.id)
    cache._now = lambda: now + UNTOUCHED + timedelta(minutes=1)
    assert await cache.delete_untouched() == 1
