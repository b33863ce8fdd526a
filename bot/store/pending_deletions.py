"""Marks of deletions in progress, so that one that was killed is completed at the next start.

A mark is an empty file in the data folder, named by the person's id and deleted last. A restore keeps the marks.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from index.generations.durable import sync

FOLDER = "deletions"


def mark(data: Path, person: int) -> None:
    """Note on the disk that a person's deletion has begun."""
    folder = data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / str(person)).touch(mode=0o600)
    sync(folder)


def unmark(data: Path, person: int) -> None:
    """Remove the mark of a completed deletion."""
    (data / FOLDER / str(person)).unlink(missing_ok=True)
    with suppress(OSError):  # other marks are left
        (data / FOLDER).rmdir()


def marked(data: Path) -> list[int]:
    """Return the people whose deletion is not complete."""
    return [int(path.name) for path in sorted((data / FOLDER).glob("*")) if path.name.isdecimal()]
