"""Work in a process of its own: what it says comes back, what it knows is bounded, and it ends with the bot."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from bot.errors import WorkError
from bot.settings import Settings
from bot.workshop import Workshop

pytestmark = pytest.mark.asyncio


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(Settings(_env_file=None, data=tmp_path, discord_token="secret-token", keep_generations=7))


def runs(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Put a small program in the place of the command line."""
    monkeypatch.setattr("bot.workshop._PROGRAM", f"import json, os, sys, time\n{program}")


SLEEPS = 'print(json.dumps({"done": os.getpid(), "total": 1}), file=sys.stderr, flush=True)\ntime.sleep(60)'


async def begun(workshop: Workshop, folder: Path) -> tuple[asyncio.Task[dict[str, Any]], int]:
    """Begin a run of SLEEPS, and give its process id."""
    pid: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(workshop.run(folder, [], lambda done, total: pid.set_result(done)))
    return running, await asyncio.wait_for(pid, 20)


async def test_a_refusal_of_the_command_line_is_the_persons_sentence(workshop: Workshop, tmp_path: Path) -> None:
    """The real command line, in a real process: its one line on stderr is what the person reads."""
    with pytest.raises(WorkError, match="no library of its own"):
        await workshop.run(tmp_path, ["index", "add", "nothing.txt", "--server", "7", "--json", "--lines"])


async def test_progress_and_result(workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of progress are heard in order, other lines are not taken for it, and the last line out is the result."""
    runs(
        monkeypatch,
        'for n in range(3): print(json.dumps({"done": n, "total": 2}), file=sys.stderr, flush=True)\n'
        'print("a warning", file=sys.stderr)\nprint(\'{"done": 1}\', file=sys.stderr)\nprint("[1]", file=sys.stderr)\n'
        'print("chatter")\nprint(json.dumps({"arguments": sys.argv[1:], "big": "x" * 10**6}))',
    )
    heard: list[tuple[int, int]] = []
    row = await workshop.run(tmp_path, ["index", "refresh"], lambda done, total: heard.append((done, total)))
    assert heard == [(0, 2), (1, 2), (2, 2)]
    assert row["arguments"] == ["--data", str(tmp_path), "index", "refresh"]


async def test_it_has_the_settings_but_not_the_token(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build reads what strangers sent: it must not know the token, not even from the bot's own environment."""
    monkeypatch.setenv("TUTOR_DISCORD_TOKEN", "secret-token")
    runs(monkeypatch, "print(json.dumps(dict(os.environ)))")
    environment = await workshop.run(tmp_path, [])
    assert environment["TUTOR_KEEP_GENERATIONS"] == "7"
    assert [name for name, value in environment.items() if "secret-token" in value] == []


@pytest.mark.parametrize(
    "program",
    ["os._exit(9)", "print('no JSON')", "print('[1, 2]')", "raise SystemExit(2)", "os.kill(os.getpid(), 9)"],
)
async def test_a_broken_process_is_noted(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    """Whatever became of it, the person is told in a sentence and the library is free again."""
    runs(monkeypatch, program)
    for _ in range(2):
        with pytest.raises(WorkError, match="has been noted"):
            await workshop.run(tmp_path, [])
    assert not workshop.is_busy(tmp_path)


async def test_one_thing_at_a_time_in_a_library(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second one is refused at once; another library is not concerned."""
    runs(monkeypatch, "time.sleep(0.5); print('{}')")
    first = asyncio.create_task(workshop.run(tmp_path, []))
    await asyncio.sleep(0.1)
    with pytest.raises(WorkError, match="going on"):
        await workshop.run(tmp_path, [])
    assert await workshop.run(tmp_path / "other", []) == {}
    assert await first == {}


@pytest.mark.parametrize("stubborn", [False, True])
async def test_it_ends_with_the_bot(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stubborn: bool
) -> None:
    """Closing ends what is going on, also what will not listen; nothing is left running."""
    monkeypatch.setattr("bot.workshop._TERMINATED_S", 0.3)
    ignore = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" if stubborn else ""
    runs(monkeypatch, ignore + SLEEPS)
    running, pid = await begun(workshop, tmp_path)
    await workshop.close()
    with pytest.raises(WorkError, match="being restarted"):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_nothing_is_begun_any_more(workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on its way while the bot ends is ended as well, and what comes later is not begun."""
    runs(monkeypatch, SLEEPS)
    running = asyncio.create_task(workshop.run(tmp_path, []))
    await asyncio.sleep(0)
    await workshop.close()
    for refused in (running, workshop.run(tmp_path / "other", [])):
        with pytest.raises(WorkError, match="being restarted"):
            await asyncio.wait_for(refused, 5)


async def test_a_cancelled_run_leaves_no_process(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gives up waiting takes the process with them."""
    runs(monkeypatch, SLEEPS)
    running, pid = await begun(workshop, tmp_path)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not workshop.is_busy(tmp_path)
