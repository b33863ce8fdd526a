"""A bot that ends leaves nobody waiting, loses nothing and says so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import LeavingError, WorkError
from bot.libraries.jobs import JobRunner
from bot.settings import Settings
from tests.bot.conftest import Stage, texts
from tests.bot.observability.conftest import Reader
from tests.bot.player import Player
from tests.bot.scripted import ScriptedTutor

QUESTION = "What does clay remember?"
LEAVING = str(LeavingError())


class Slow(ScriptedTutor):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = asyncio.Event()

    async def ask(self, *given: Any, **named: Any) -> Any:
        found = await super().ask(*given, **named)
        await self.let.wait()
        return found


@pytest.fixture
def tutor() -> Slow:
    return Slow()


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not reached():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.005)


async def asked(stage: Stage, tutor: Slow) -> asyncio.Task[Any]:
    """Have a question under way."""
    asking = asyncio.create_task(stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}"))
    await until(lambda: bool(tutor.asked))
    return asking


async def closing(stage: Stage) -> asyncio.Task[None]:
    ending = asyncio.create_task(stage.bot.finish())
    await until(lambda: stage.bot.services.in_flight.is_closing)
    return ending


async def test_a_slow_question_is_answered_before_the_end(stage: Stage, tutor: Slow) -> None:
    """What is under way ends well."""
    asking = await asked(stage, tutor)
    ending = await closing(stage)
    tutor.let.set()
    await asyncio.wait_for(ending, 5)
    await asking
    (reply,) = stage.replies
    assert "> Clay remembers" in texts(reply)


async def test_what_takes_longer_than_the_grace_is_told_so(
    stage: Stage, tutor: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for an answer that cannot come any more."""
    monkeypatch.setattr("bot.app._ENDED_WITHIN_S", 0.2)
    asking = await asked(stage, tutor)
    began = time.monotonic()
    await asyncio.wait_for(stage.bot.finish(), 5)
    assert time.monotonic() - began < 3
    await asking
    assert texts(stage.replies[-1]) == LEAVING


async def test_nothing_is_begun_any_more(stage: Stage, tutor: Slow) -> None:
    """Whoever asks while it ends, in whichever way, reads a kind sentence at once."""
    menu = "Ask the tutor about this"
    message = await stage.bob.send(stage.channel, QUESTION)
    stage.bot.services.in_flight.is_closing = True
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    assert texts(stage.replies[-1]) == LEAVING
    for result in (
        await stage.alice.slash(stage.channel, "ask", question=QUESTION),
        await stage.alice.slash(stage.channel, "quiz due"),
        await stage.alice.context_menu(stage.channel, menu, message),
    ):
        assert texts(result.response) == LEAVING
        assert result.response.ephemeral
    assert tutor.asked == []


async def test_a_press_while_it_ends_is_told_so(stage: Stage, tutor: Slow) -> None:
    """Buttons too; what they stand under is left as it is."""
    tutor.let.set()
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    stage.bot.services.in_flight.is_closing = True
    result = await stage.alice.click(stage.replies[-1], label="Show in context")
    assert texts(result.response) == LEAVING


async def test_a_form_sent_while_it_ends_is_told_so(set_stage: Callable[..., Any]) -> None:
    """What was written comes too late, and its writer knows."""
    stage = await set_stage(Reader)
    player = await Player(stage, stage.alice).start(number=1)
    await player.answer(right=True)
    opened = await player.press("Dispute this question")
    stage.bot.services.in_flight.is_closing = True
    result = await stage.alice.submit_modal(opened, {"text": "Two answers are right."})
    assert texts(result.response) == LEAVING


async def test_closing_twice_does_no_harm(stage: Stage, tutor: Slow) -> None:
    """The command line and discord.py may both close."""
    await stage.bot.close()
    await stage.bot.close()
    assert tutor.closed


async def test_work_that_is_stopped_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that ends with the bot is no accident, and none begins after that."""
    monkeypatch.setattr("bot.libraries.command._PROGRAM", "import time; time.sleep(60)")
    workshop = JobRunner(Settings(_env_file=None, data=tmp_path))
    running = asyncio.create_task(workshop.run(tmp_path, []))
    await until(lambda: bool(workshop._running))
    await workshop.close()
    for work in (running, workshop.run(tmp_path, [])):
        with pytest.raises(WorkError, match="being restarted and had to leave"):
            await work
