"""A bot that ends leaves nobody waiting, loses nothing and says so."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import RestartingError, WorkError
from bot.settings import Settings
from bot.workshop import Workshop
from tests.bot.conftest import Stage, texts
from tests.bot.observation.conftest import Reader
from tests.bot.player import Player
from tests.bot.scripted import ScriptedTutor

ROOT = Path(__file__).parents[2]
QUESTION = "What does clay remember?"
RESTARTING = str(RestartingError())


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
    ending = asyncio.create_task(stage.bot.close())
    await until(lambda: stage.bot.under_way.is_closing)
    return ending


async def test_a_slow_question_is_answered_before_the_end(stage: Stage, tutor: Slow) -> None:
    """What is under way ends well; the tutor is closed after it."""
    asking = await asked(stage, tutor)
    ending = await closing(stage)
    assert not tutor.closed
    tutor.let.set()
    await asyncio.wait_for(ending, 5)
    await asking
    (reply,) = stage.replies
    assert "> Clay remembers" in texts(reply)
    assert tutor.closed


async def test_what_takes_longer_than_the_grace_is_told_so(
    stage: Stage, tutor: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for an answer that cannot come any more."""
    monkeypatch.setattr("bot.app.GRACE_S", 0.2)
    asking = await asked(stage, tutor)
    began = time.monotonic()
    await asyncio.wait_for(stage.bot.close(), 5)
    assert time.monotonic() - began < 3
    await asking
    assert texts(stage.replies[-1]) == RESTARTING


async def test_nothing_is_begun_any_more(stage: Stage, tutor: Slow) -> None:
    """Whoever asks while it ends, in whichever way, reads a kind sentence at once."""
    menu = "Ask the tutor about this"
    message = await stage.bob.send(stage.channel, QUESTION)
    stage.bot.under_way.is_closing = True
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    assert texts(stage.replies[-1]) == RESTARTING
    for result in (
        await stage.alice.slash(stage.channel, "ask", question=QUESTION),
        await stage.alice.slash(stage.channel, "quiz due"),
        await stage.alice.context_menu(stage.channel, menu, message),
    ):
        assert texts(result.response) == RESTARTING
        assert result.response.ephemeral
    assert tutor.asked == []


async def test_a_press_while_it_ends_is_told_so(stage: Stage, tutor: Slow) -> None:
    """Buttons too; what they stand under is left as it is."""
    tutor.let.set()
    await stage.alice.send(stage.channel, f"{stage.mention} {QUESTION}")
    stage.bot.under_way.is_closing = True
    result = await stage.alice.click(stage.replies[-1], label="Show in context")
    assert texts(result.response) == RESTARTING


async def test_a_form_sent_while_it_ends_is_told_so(set_stage: Callable[..., Any]) -> None:
    """What was written comes too late, and its writer knows."""
    stage = await set_stage(Reader)
    player = await Player(stage, stage.alice).start(number=1)
    await player.answer(right=True)
    opened = await player.press("Dispute this question")
    stage.bot.under_way.is_closing = True
    result = await stage.alice.submit_modal(opened, {"text": "Two answers are right."})
    assert texts(result.response) == RESTARTING


async def test_closing_twice_does_no_harm(stage: Stage, tutor: Slow) -> None:
    """The command line and discord.py may both close."""
    await stage.bot.close()
    await stage.bot.close()
    assert tutor.closed


async def test_work_that_is_stopped_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build that ends with the bot is no accident, and none begins after that."""
    monkeypatch.setattr("bot.workshop._PROGRAM", "import time; time.sleep(60)")
    workshop = Workshop(Settings(_env_file=None, data=tmp_path))  # type: ignore[call-arg]
    running = asyncio.create_task(workshop.run(tmp_path, []))
    await until(lambda: bool(workshop._running))
    await workshop.close()
    for work in (running, workshop.run(tmp_path, [])):
        with pytest.raises(WorkError, match="being restarted"):
            await work


# What `tutor run` does around the bot, with a bot that only notes what happens to it.
SERVED = """
import asyncio, sys, threading, time
import bot.cli._ending as ending

class Bot:
    ended = False
    def is_ready(self): return True
    async def close(self):
        print("closing", flush=True)
        {closing}
        self.ended = True
    async def start(self):
        print("ready", flush=True)
        while not self.ended: await asyncio.sleep(0.01)
        {starting}

bot = Bot()
ending.LAST_RESORT_S = 0.5
asyncio.run(ending.until_told(bot, bot.start()))
print("over", flush=True)
"""


def served(*signals: signal.Signals, closing: str = "pass", starting: str = "pass") -> tuple[int, list[str]]:
    """Send these signals, one a line of what it says; gives the exit code and all that was said."""
    program = SERVED.format(closing=closing, starting=starting)
    said = []
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for each in signals:
            said.append(running.stdout.readline().strip())
            running.send_signal(each)
        said += running.stdout.read().split()
        return running.wait(10), said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_bot_and_the_end_is_fine(number: signal.Signals) -> None:
    """systemd, Docker and Ctrl+C: closed first, then exit code 0."""
    assert served(number) == (0, ["ready", "closing", "over"])


def test_a_second_signal_ends_it_at_once() -> None:
    """Whoever insists does not wait for the kindness."""
    assert served(signal.SIGTERM, signal.SIGTERM, closing="await asyncio.sleep(9)")[0] == -signal.SIGTERM


def test_a_thread_that_cannot_be_interrupted_does_not_hold_the_end_up() -> None:
    """A library that is being built when the bot ends is not waited for."""
    began = time.monotonic()
    stuck = "asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)"
    code, said = served(signal.SIGTERM, closing=stuck)
    assert code == 0
    assert said == ["ready", "closing"]
    assert time.monotonic() - began < 9


def test_what_the_bot_raises_comes_through() -> None:
    """A wrong token is still refused by name; nothing is swallowed on the way."""
    program = SERVED.format(closing="pass", starting="pass").replace(
        'print("ready", flush=True)', "raise KeyError('x')"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "KeyError" in done.stderr
