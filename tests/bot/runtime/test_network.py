"""While it runs the tutor talks to Discord alone: its model is on the disk, and nothing else is ever called."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from index.models.registry import Backend
from tests.conftest import with_openvino

if TYPE_CHECKING:
    from bot.libraries.opening import Library
    from bot.settings import Settings

ROOT = Path(__file__).parents[3]

# Python runs this at the start of every process that has its folder on the path, so in the workshop's as well.
GUARD = """
import os, socket, sys

def note(*words):
    with open(os.path.join(os.path.dirname(__file__), "heard.txt"), "a", encoding="utf-8") as heard:
        print(*words, file=heard)

def guard(event, args):
    if event in CALLS and getattr(args[0], "family", None) != socket.AF_UNIX:
        note("CALL", event, *args[-1:])
        raise ConnectionRefusedError(f"{event}: this process has no network")

CALLS = {f"socket.{name}" for name in (
    "connect", "bind", "sendto", "sendmsg", "getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo")}
sys.addaudithook(guard)
note("BEGUN", *sys.orig_argv)
"""


class Unplugged:
    """Runs programs that cannot reach anybody, and knows what they tried."""

    def __init__(self, folder: Path) -> None:
        (folder / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
        self._heard = folder / "heard.txt"
        path = os.pathsep.join([str(folder), str(ROOT)])
        offline = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TUTOR_"))}
        self._environment = {**offline, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}

    def run(self, *arguments: str, backend: Backend = Backend.TORCH) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "ignore", *arguments]
        environment = {**self._environment, "TUTOR_BACKEND": backend}
        return subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
        )

    @property
    def heard(self) -> list[str]:
        return self._heard.read_text(encoding="utf-8").splitlines()

    @property
    def calls(self) -> list[str]:
        return [line for line in self.heard if line.startswith("CALL")]


@pytest.fixture
def unplugged(tmp_path: Path) -> Unplugged:
    folder = tmp_path / "guard"
    folder.mkdir()
    return Unplugged(folder)


@pytest.mark.parametrize(
    "call",
    [
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.getaddrinfo('example.org', 443)",
        "socket.gethostbyname('example.org')",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
        "urllib.request.urlopen('http://example.org')",
    ],
)
def test_the_guard_hears_every_call(unplugged: Unplugged, call: str) -> None:
    """Were there a call, also one in a process started by another, the test below would fail."""
    inner = f"import socket, urllib.request; {call}"
    outer = f"import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-c', {inner!r}]).returncode)"
    assert unplugged.run("-c", outer).returncode != 0
    assert len(unplugged.calls) == 1


@pytest.mark.model
@pytest.mark.parametrize("backend", [Backend.TORCH, pytest.param(Backend.OPENVINO, marks=with_openvino)])
def test_nobody_but_discord_is_called(
    unplugged: Unplugged, essay: tuple[Settings, Library], tmp_path: Path, backend: Backend
) -> None:
    """Start, a question, a quiz and a rebuild with the model that ships: not one look-up, not one connection."""
    data = tmp_path / "data"
    shutil.copytree(essay[0].data, data)
    done = unplugged.run("-m", "tests.bot.runtime.unplugged", str(data), backend=backend)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert "blockchain technology" in told["asked"]
    assert told["quiz"]
    assert "Nothing would change" in told["rebuilt"]
    assert told["offline"] is (backend is Backend.TORCH), "whether the library that talks to the hub knows; else unread"
    assert any("refresh" in line for line in unplugged.heard if line.startswith("BEGUN")), "the rebuild was guarded"
    assert unplugged.calls == []


def test_no_log_tells_who_wrote_what(tmp_path: Path) -> None:
    """Not even the most talkative level writes people's ids or words into the log."""
    program = (
        "import asyncio, logging, sys\n"
        "from pathlib import Path\n"
        "from datetime import UTC, datetime\n"
        "from bot.cli import app\n"
        "from bot.store import servers\n"
        "from bot.store.database import Store\n"
        "@app.command()\n"
        "def complain() -> None:\n"
        "    logging.getLogger('bot').debug('written')\n"
        "    async def work() -> None:\n"
        "        store = Store(Path(sys.argv[2]))\n"
        "        async with store.writing() as connection:\n"
        "            said = {'item': 'i', 'complaint': 'very private words'}\n"
        "            now = datetime.now(UTC)\n"
        "            await servers.dispute(connection, person=1234567890123, guild=None, now=now, **said)\n"
        "        await store.close()\n"
        "    asyncio.run(work())\n"
        "app()\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, "--data", str(tmp_path), "complain"],
        env={**os.environ, "TUTOR_LOG_LEVEL": "DEBUG"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "DEBUG" in done.stderr, "the level is on"
    assert "1234567890123" not in done.stderr
    assert "private words" not in done.stderr
