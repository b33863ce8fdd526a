"""What keeps `tutor run` and `tutor demo` from starting, and what says whether they are well."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.runtime.instance_lock import occupying
from prompts import words
from tests.bot.cli.terminal import Tutor, tutor  # noqa: F401  # fixture

ROOT = Path(__file__).parents[3]


def test_the_second_is_refused_in_one_line(tutor: Tutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Discord or as a demo, a second bot on the same folder never starts; other commands work beside the first."""
    monkeypatch.setattr("bot.runtime.instance_lock._LOOKED_AT_S", 0.0)
    monkeypatch.setattr("bot.cli._serve._make_bot", lambda settings: pytest.fail("it started"))
    monkeypatch.setenv("TUTOR_DISCORD_TOKEN", "x")
    with occupying(tmp_path / "data"):
        for command in (["run"], ["demo", "--no-open", "--port", "0"]):
            assert "is running on the data folder" in tutor(*command).refusal
        assert tutor("index", "list").code == 0


def test_a_health_check_says_little(tutor: Tutor, tmp_path: Path) -> None:
    """`tutor doctor --brief` is one word and code 0, or a line for each fault and code 1."""
    done = tutor("doctor", "--brief")
    assert (done.code, done.out, done.err) == (0, "ok\n", "")
    (tmp_path / "data" / "live").write_text("../..", encoding="utf-8")
    (tmp_path / "data" / "store.sqlite3").write_bytes(b"no database " * 100)
    done = tutor("doctor", "--brief")
    assert (done.code, done.err) == (1, "")
    assert [line.split()[:2] for line in done.out.splitlines()] == [["BAD", "store"], ["BAD", "index"]]


def test_the_demo_says_what_it_prepares_and_ends_at_once(tmp_path: Path) -> None:
    """`tutor demo` on an empty folder prints what it prepares, no address meanwhile, and Ctrl-C ends it with code 0."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TUTOR_")}
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "--data", str(tmp_path), "demo", "--no-open", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**environment, "TUTOR_BACKEND": "torch"},
    ) as demo:
        assert demo.stderr is not None
        assert demo.stderr.readline().strip() == words("terminal.preparing")
        demo.send_signal(signal.SIGINT)
        out, err = demo.communicate(timeout=30)
    assert (demo.returncode, out) == (0, "")
    assert "the library is open" not in err, "it ended without waiting for the library"
    assert "Traceback" not in err
