"""The bot is there before the model is, and no question is lost meanwhile."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from bot.settings import Settings
from prompts import words
from tests.bot.conftest import Stage, texts
from tests.bot.scripted import ScriptedTutor
from tests.index.fakes import FakeEncoder

pytestmark = pytest.mark.asyncio

HEAVY = ("torch", "transformers", "sentence_transformers", "faiss", "matplotlib")


class Sleeper(ScriptedTutor):
    """Asleep until woken; the waiting is declared to the simulation as one for the outside world."""

    env: Any = None

    def __init__(self) -> None:
        super().__init__(asleep=True)

    async def ask(self, question: str, history: Any = (), **options: Any) -> Any:
        if not self.ready:
            self.asked.append((question, tuple(history)))
            await self.env.external_wait(self._awake.wait(), reason="the model loads")
            return self.reply(question, history)
        return await super().ask(question, history)


@pytest.fixture
def tutor() -> ScriptedTutor:
    return Sleeper()


@pytest.fixture
def asleep(stage: Stage, tutor: Sleeper) -> Stage:
    tutor.env = stage.env
    return stage


async def test_a_question_to_a_sleeping_bot_is_kept_and_answered(asleep: Stage, tutor: Sleeper) -> None:
    """The first reply says that it is still waking up, and becomes the answer, which says that it waited."""
    await asleep.alice.send(asleep.channel, f"{asleep.mention} What does clay remember?")
    (reply,) = asleep.replies
    assert "still waking up" in texts(reply)
    assert "kept" in texts(reply)
    tutor.wake()
    await asleep.env.settle()
    (reply,) = asleep.replies
    assert "> Clay remembers" in texts(reply)
    assert "Thank you for waiting" in texts(reply)
    result = await asleep.alice.click(reply, label="Show in context")
    assert "**Clay remembers" in texts(result.response)


async def test_a_command_to_a_sleeping_bot_is_kept_and_answered(asleep: Stage, tutor: Sleeper) -> None:
    """The same holds for a command: one response, edited."""
    result = await asleep.alice.slash(asleep.channel, "ask", question="What does clay remember?", private=True)
    assert result.ephemeral
    assert "still waking up" in texts(result.response)
    tutor.wake()
    await asleep.env.settle()
    assert "Thank you for waiting" in texts(result.response)
    assert not result.followups


async def test_a_follow_up_need_not_wait_for_the_answer(asleep: Stage, tutor: Sleeper) -> None:
    """A message that is sent before the question before it is answered goes on from that question."""
    for said in ("What does clay remember?", "and glass?"):
        await asleep.alice.send(asleep.channel, f"{asleep.mention} {said}")
    tutor.wake()
    await asleep.env.settle()
    assert sorted(tutor.asked) == [("What does clay remember?", ()), ("and glass?", ("What does clay remember?",))]


async def test_small_talk_does_not_wait_for_the_model(asleep: Stage) -> None:
    """A greeting is answered while the model loads."""
    await asleep.alice.send(asleep.channel, f"{asleep.mention} hello")
    assert "Hello!" in texts(asleep.replies[-1])


async def test_an_answer_finds_its_place_when_the_first_reply_was_deleted(asleep: Stage, tutor: Sleeper) -> None:
    """Somebody tidies the channel meanwhile; the answer comes as a new message."""
    question = await asleep.alice.send(asleep.channel, f"{asleep.mention} What does clay remember?")
    (reply,) = asleep.replies
    asleep.env.backend.delete_message(asleep.channel.id, reply.id)
    await asleep.alice.delete(question)
    tutor.wake()
    await asleep.env.settle()
    (reply,) = asleep.replies
    assert "> Clay remembers" in texts(reply)


async def test_a_slow_answer_shows_that_it_is_coming(
    set_stage: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When an awake bot takes longer than a moment, the channel shows it typing."""
    tutor = ScriptedTutor()
    stage = await set_stage(lambda: tutor)
    answer = tutor.ask

    async def slow(*given: Any, **options: Any) -> Any:
        await asyncio.sleep(0.2)
        return await answer(*given, **options)

    monkeypatch.setattr(tutor, "ask", slow)
    # Loading an extension imports its modules anew, so this one is only known now.
    monkeypatch.setattr(sys.modules["bot.exts.ask._handler"], "PATIENCE_S", 0.01)
    await stage.alice.send(stage.channel, f"{stage.mention} What does clay remember?")
    assert any(request.path.endswith("/typing") for request in stage.env.http_requests)
    assert "> Clay remembers" in texts(stage.replies[-1])


async def test_the_bot_starts_the_loading_and_closes_the_tutor(stage: Stage, tutor: Sleeper) -> None:
    """The bot owns the tutor's life: started with it, closed with it."""
    assert tutor.started
    assert not tutor.closed
    await stage.bot.close()
    assert tutor.closed


async def test_the_first_build_says_how_far_it_is(settings: Settings) -> None:
    """Who waits for the first library hears what is done and how much of it; opening it again says nothing."""
    from bot.libraries.opening import open_library

    said: list[str] = []
    for _ in range(2):
        await asyncio.to_thread(lambda: open_library(settings, FakeEncoder(), say=said.append))
    begun, *_, done = said
    assert begun == words("terminal.building")
    total = int(done.split()[-2])
    assert done == words("terminal.reading", done=total, total=total)


async def test_nothing_heavy_is_imported_with_the_bot() -> None:
    """The gateway connects before the model's libraries are even read."""
    probe = (
        "import sys, bot.app, bot.exts.ask, bot.exts.library\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-W", "ignore", "-c", probe],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
