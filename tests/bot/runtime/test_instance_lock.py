"""One bot lives in a data folder; the second is refused, and a dead one leaves the place free."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import DataError
from bot.runtime.instance_lock import FILE, is_occupied, occupying

ROOT = Path(__file__).parents[3]

LIVES = """
import sys, time
from pathlib import Path
from bot.runtime.instance_lock import occupying
with occupying(Path(sys.argv[1])):
    print("in", flush=True)
    time.sleep(60)
"""


def test_it_is_free_again_once_the_other_is_dead(tmp_path: Path) -> None:
    """Even after kill -9; whoever looks leaves nothing behind."""
    assert not is_occupied(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with subprocess.Popen([sys.executable, "-c", LIVES, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in\n"
        assert is_occupied(tmp_path)
        other.kill()
    assert not is_occupied(tmp_path)
    with occupying(tmp_path):
        assert is_occupied(tmp_path)
    assert not is_occupied(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """The folder, the reason and the way out are named."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match="TUTOR_DATA"), occupying(tmp_path / "file"):
        pass


def test_the_processes_of_one_bot_share_a_folder(tmp_path: Path) -> None:
    """Each number once; a bot without a number, or a restore, is refused meanwhile, and they while it is there."""
    with occupying(tmp_path, 0), occupying(tmp_path, 1):
        assert is_occupied(tmp_path)
        for process in (1, None):
            with pytest.raises(DataError, match="running"), occupying(tmp_path, process):
                pass
    assert not is_occupied(tmp_path)
    with occupying(tmp_path), pytest.raises(DataError, match="running"), occupying(tmp_path, 1):
        pass
