"""Work in a process of its own: what it says comes back, what it knows is bounded, and it ends with the bot."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.errors import WorkError
from bot.libraries.jobs import JobRunner
from bot.settings import Settings

pytestmark = pytest.mark.asyncio


@pytest.fixture
def workshop(tmp_path: Path) -> JobRunner:
    return JobRunner(Settings(_env_file=None, data=tmp_path, discord_token="secret-token", keep_generations=7))


def runs(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Put a small program in the place of the command line."""
    monkeypatch.setattr("bot.libraries.command._PROGRAM", f"import json, os, sys, time\n{program}")


SLEEPS = 'print(json.dumps({"done": os.getpid(), "total": 1}), file=sys.stderr, flush=True)\ntime.sleep(60)'


async def begun(workshop: JobRunner, folder: Path) -> tuple[asyncio.Task[dict[str, Any]], int]:
    """Begin a run of SLEEPS, and give its process id."""
    pid: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(workshop.run(folder, [], lambda done, total: pid.set_result(done)))
    return running, await asyncio.wait_for(pid, 20)


async def test_a_refusal_of_the_command_line_is_the_persons_sentence(workshop: JobRunner, tmp_path: Path) -> None:
    """The real command line, in a real process: its one line on stderr is what the person reads."""
    with pytest.raises(WorkError, match="no library of its own"):
        await workshop.run(tmp_path, ["index", "add", "nothing.txt", "--server", "7", "--json", "--lines"])


async def test_progress_and_result(workshop: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert row["arguments"] == ["--no-dotenv", "--data", str(tmp_path), "index", "refresh"]


async def test_it_has_the_settings_but_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build reads what strangers sent: neither its environment nor its settings, from .env too, hold the token."""
    for name in ("TUTOR_DISCORD_TOKEN", "tutor_discord_token", "CREDENTIALS_DIRECTORY", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "secret-token")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "token").write_text("secret-token")
    (tmp_path / ".env").write_text(f"TUTOR_DISCORD_TOKEN=secret-token\nTUTOR_DISCORD_TOKEN_FILE={tmp_path / 'token'}\n")
    monkeypatch.chdir(tmp_path)
    workshop = JobRunner(Settings(data=tmp_path, keep_generations=7))
    token = workshop._settings.discord_token
    assert token is not None, "the bot itself has it"
    monkeypatch.setattr(
        "bot.libraries.command._PROGRAM",
        "import ctypes, json, os\nfrom unittest.mock import patch\nfrom bot.cli.build_process import main\n"
        "def told(settings):\n"
        "    print(json.dumps({'environment': dict(os.environ), 'settings': repr(settings.model_dump()),\n"
        "                      'token': settings.discord_token is not None,\n"
        "                      'dumpable': ctypes.CDLL(None).prctl(3)}))\n"  # PR_GET_DUMPABLE
        "    raise SystemExit\n"
        "with patch('bot.cli.set_up', told): main()",
    )
    row = await workshop.run(tmp_path, ["index", "status"])
    assert row["environment"]["TUTOR_KEEP_GENERATIONS"] == "7"
    assert row["environment"]["OMP_NUM_THREADS"] == "1"
    assert not row["token"]
    assert row["dumpable"] == 0 or sys.platform != "linux"
    assert [name for name, value in row["environment"].items() if "secret-token" in value] == []
    assert str(tmp_path / "token") not in str(row)


async def test_the_working_directory_is_not_trusted(
    workshop: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that happen to be called like this package or its parts are not run in their place."""
    for name in ("bot", "index", "prompts", "typer"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkError, match="no library of its own"):
        await workshop.run(tmp_path, ["index", "status", "--server", "7"])


@pytest.mark.parametrize(
    "program",
    ["os._exit(9)", "print('no JSON')", "print('[1, 2]')", "raise SystemExit(2)", "os.kill(os.getpid(), 9)"],
)
async def test_a_broken_process_is_noted(
    workshop: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    """Whatever became of it, the person is told in a sentence and the library is free again."""
    runs(monkeypatch, program)
    for _ in range(2):
        with pytest.raises(WorkError, match="has been noted under"):
            await workshop.run(tmp_path, [])
    assert not await workshop.is_busy(tmp_path)


async def test_an_error_in_the_process_is_logged_with_its_place_and_no_text(
    workshop: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The person reads a sentence with an id; under it the log has type and place, not what a document says."""
    runs(
        monkeypatch,
        "from unittest.mock import patch\nfrom bot.cli.build_process import main\n"
        "def broken(settings): raise KeyError('private words')\n"
        "with patch('bot.cli.set_up', broken): main()",
    )
    with pytest.raises(WorkError, match=r"noted under `[0-9a-f]{8}`") as refusal:
        await workshop.run(tmp_path, ["index", "status"])
    assert "private words" not in str(refusal.value) + caplog.text
    [line] = [record.getMessage() for record in caplog.records if record.name == "bot.libraries.command"]
    assert line.split()[1].rstrip(":") in str(refusal.value)
    assert "KeyError" in line
    assert "__init__.py" in line
    assert "broken" in line


async def test_a_build_that_wants_too_much_memory_is_told_so(
    workshop: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies with a sentence before the machine runs out of memory."""
    runs(
        monkeypatch,
        "from unittest.mock import patch\nfrom bot.cli import build_process\nfrom bot.libraries import memory_limit\n"
        "memory_limit.READING_BYTES = 2**26\n"
        "def greedy(settings): print(len(b'x' * 2**30))\n"
        "with patch('bot.cli.set_up', greedy): build_process.main()",
    )
    with pytest.raises(WorkError, match="more memory than a build may have"):
        await workshop.run(tmp_path, ["index", "status"])


async def test_two_at_once_and_the_others_in_a_queue(
    workshop: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A third process waits its turn, knows its place, and moves up in the order of arrival."""
    runs(monkeypatch, SLEEPS)
    folders = [tmp_path / str(number) for number in range(4)]
    running = [await begun(workshop, folder) for folder in folders[:2]]
    waiting = [asyncio.create_task(workshop.run(folder, [])) for folder in folders[2:]]
    await asyncio.sleep(0.05)
    assert [state.place for folder in folders if (state := workshop.job(folder))] == [0, 0, 1, 2]
    assert await workshop.cancel(folders[0])
    with pytest.raises(WorkError, match="Cancelled"):
        await running[0][0]
    await asyncio.sleep(0.05)
    assert [state.place for folder in folders[1:] if (state := workshop.job(folder))] == [0, 0, 1]
    assert len(workshop._running) <= 2
    for task in (running[1][0], *waiting):
        task.cancel()
    await asyncio.gather(running[1][0], *waiting, return_exceptions=True)


async def test_what_is_cancelled_ends_at_once(
    workshop: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Running or in the queue, the process and its children are gone, and only the job that was meant is cancelled."""
    runs(
        monkeypatch,
        "import subprocess\nchild = subprocess.Popen(['sleep', '60'])\n"
        'print(json.dumps({"done": child.pid, "total": 1}), file=sys.stderr, flush=True)\ntime.sleep(60)',
    )
    running, child = await begun(workshop, tmp_path)
    other, _ = await begun(workshop, tmp_path / "other")
    queued = asyncio.create_task(workshop.run(tmp_path / "queued", []))
    await asyncio.sleep(0.05)
    assert not await workshop.cancel(tmp_path, "0" * 8)
    assert not await workshop.cancel(tmp_path / "nothing")
    for folder, task in ((tmp_path / "queued", queued), (tmp_path, running), (tmp_path / "other", other)):
        state = workshop.job(folder)
        assert state is not None
        assert await workshop.cancel(folder, state.id)
        with pytest.raises(WorkError, match="Cancelled"):
            await asyncio.wait_for(task, 5)
        assert not await workshop.is_busy(folder)
    for _ in range(500):  # the system ends a killed process a moment later
        if _is_running(child):
            await asyncio.sleep(0.01)
    assert not _is_running(child)


def _is_running(pid: int) -> bool:
    """Tell whether a process runs; one that has ended and was not waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


async def test_a_build_has_a_limit_of_time(
    workshop: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes longer is ended with a sentence; the time in the queue does not count."""
    runs(monkeypatch, SLEEPS)
    monkeypatch.setattr(workshop, "_settings", workshop._settings.model_copy(update={"build_minutes": 0.02}))
    first = [asyncio.create_task(workshop.run(tmp_path / str(number), [])) for number in range(3)]
    for task in first:
        with pytest.raises(WorkError, match="minutes and was stopped"):
            await asyncio.wait_for(task, 20)
    assert not workshop._running


async def test_one_thing_at_a_time_in_a_library(
    workshop: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    workshop: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stubborn: bool
) -> None:
    """Closing ends what is going on, also what will not listen; nothing is left running."""
    monkeypatch.setattr("bot.libraries.jobs._TERMINATED_S", 0.3)
    ignore = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" if stubborn else ""
    runs(monkeypatch, ignore + SLEEPS)
    running, pid = await begun(workshop, tmp_path)
    await workshop.close()
    with pytest.raises(WorkError, match="being restarted"):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_nothing_is_begun_any_more(workshop: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on its way while the bot ends is ended as well, and what comes later is not begun."""
    runs(monkeypatch, SLEEPS)
    running = asyncio.create_task(workshop.run(tmp_path, []))
    await asyncio.sleep(0)
    await workshop.close()
    for refused in (running, workshop.run(tmp_path / "other", [])):
        with pytest.raises(WorkError, match="being restarted"):
            await asyncio.wait_for(refused, 5)


async def test_a_cancelled_run_leaves_no_process(
    workshop: JobRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    assert not await workshop.is_busy(tmp_path)
