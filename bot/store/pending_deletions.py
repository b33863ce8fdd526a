"""Marks people whose deletion has begun, so that one that is killed half-way is taken up at the next start.

A mark is an empty file named by the person's id, below the data folder; it is deleted when nothing else of theirs is
left there. A restore leaves the marks where they are.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from index.generations.durable import sync

FOLDER = "deletions"


def mark(data: Path, person: int) -> None:
    folder = data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / str(person)).touch(mode=0o600)
    sync(folder)


def unmark(data: Path, person: int) -> None:
    (data / FOLDER / str(person)).unlink(missing_ok=True)
    with suppress(OSError):  # others' deletions are going on
        (data / FOLDER).rmdir()


def marked(data: Path) -> list[int]:
    """List the people whose deletion has begun and not ended."""
    return [int(path.name) for path in sorted((data / FOLDER).glob("*")) if path.name.isdecimal()]
