"""Whenever a backup or a restore is killed, or its disk is full, what is there is the old or the new, whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.backup.making import back_up
from bot.errors import BackupError
from tests.bot.backup.furnished import furnish

ROOT = Path(__file__).parents[3]

# Files of at most so many bytes, as on a disk that is full in the middle of a file.
CRAMPED = """
import resource, sys
from pathlib import Path
from bot.backup.making import back_up
from bot.backup.restoring import restore
from bot.errors import BackupError
scene = Path(sys.argv[1])
for most in (0, 4096, 20_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    for work in (
        lambda: back_up(scene / "source", scene / "b.zip", at="later"),
        lambda: restore(scene / "data", scene / "b.zip", when="then"),
    ):
        try:
            work()
        except BackupError as error:
            print(str(error).replace(str(scene), ""))
"""


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder that no disk has to keep: what a kill leaves does not depend on it, and syncs cost nothing."""
    shared = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=shared if shared.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


def run(*arguments: str) -> str:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_killed_or_without_room_at_every_change_to_the_disk(memory: Path) -> None:
    """kill -9 and "no space left" at each single change: see moments.py for what must hold after each."""
    lines = run("-m", "tests.bot.backup.moments", str(memory)).splitlines()
    counts = {tuple(line.split()[:2]): int(line.split()[2]) for line in lines}
    assert min(counts[("try_backups", how)] for how in ("killed", "full")) > 5
    assert min(counts[("try_restores", how)] for how in ("killed", "full")) > 15


def test_a_disk_that_is_full_within_a_file(memory: Path) -> None:
    """One line that says so; the last backup and the folder to restore into are as they were."""
    furnish(memory / "source")
    back_up(memory / "source", memory / "b.zip", at="2026-02-01T00:00:00+00:00")
    before = (memory / "b.zip").read_bytes()
    said = run("-c", CRAMPED, str(memory)).splitlines()
    assert len(said) == 6, said
    assert all("cannot be written" in line for line in said), said
    assert (memory / "b.zip").read_bytes() == before
    assert not [path.name for path in (memory / "data").iterdir() if not path.name.endswith(".lock")]
    assert not [path.name for path in memory.iterdir() if path.name.startswith(".")]


def test_what_a_killed_backup_left_is_swept(memory: Path) -> None:
    """The next one to the same place makes room; what only looks similar stays."""
    furnish(memory / "source")
    for name in (".b.zip.999999.part", ".c.zip.1.part"):
        (memory / name).mkdir()
        (memory / name / "archive").write_bytes(b"half")
    back_up(memory / "source", memory / "b.zip", at="2026-02-01T00:00:00+00:00")
    assert {path.name for path in memory.iterdir()} == {"source", "b.zip", ".c.zip.1.part"}
    with pytest.raises(BackupError):
        back_up(memory / "nowhere", memory / "b.zip", at="2026-02-01T00:00:00+00:00")
