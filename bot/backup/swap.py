"""Swaps restored content in for the old content of a data folder; a killed restore is complete or has no effect.

The data folder may be a volume, which cannot be renamed, so the new content is unpacked inside it. The rename of
`.restoring` to `.restored-WHEN` is the commit. What follows are renames that the next command can continue: while the
folder is `.restored-WHEN` the old files are moved out, while it is `.settling-WHEN` the new ones are moved in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.store.pending_deletions import FOLDER as DELETIONS
from index.generations.durable import sync
from index.models.registry import GRAPHS

if TYPE_CHECKING:
    from pathlib import Path

UNPACKED = ".restoring"
_DECIDED = ".restored-"
_MOVING = ".settling-"
ASIDE = "before-restore-"


def contents(data: Path) -> list[Path]:
    """List what a restore replaces in a data folder.

    That is everything but locks, converted models, folders of restores, and the marks of pending deletions, which have
    to be completed on the restored content.
    """
    if not data.exists():
        return []
    others = (UNPACKED, _DECIDED, _MOVING, ASIDE, GRAPHS, DELETIONS)
    return sorted(
        path
        for path in data.iterdir()
        if not path.name.startswith(others) and path.suffix != ".lock" and path.name != "lost+found"
    )


def replaced_folders(data: Path) -> list[Path]:
    """List the folders with old content that restores put aside."""
    return sorted(path for path in data.glob(f"{ASIDE}*") if path.is_dir())


def swap_in(data: Path, when: str) -> Path | None:
    """Make UNPACKED the content of the folder; returns the folder of the old content, None if there was none.

    `when` names that folder. The caller holds the lock of the data folder.
    """
    (data / UNPACKED).rename(data / f"{_DECIDED}{when}")
    sync(data)
    finish(data)
    aside = data / f"{ASIDE}{when}"
    return aside if aside.exists() else None


def is_unfinished(data: Path) -> bool:
    """Say whether a restore was killed after its commit."""
    try:
        return any(path.name.startswith((_DECIDED, _MOVING)) for path in data.iterdir())
    except OSError:
        return False  # the command that needs the folder reports what is wrong with it


def finish(data: Path) -> None:
    """Complete a committed restore; the caller holds the lock of the data folder."""
    for decided in sorted(data.glob(f"{_DECIDED}*")):
        when = decided.name.removeprefix(_DECIDED)
        if old := contents(data):
            aside = data / f"{ASIDE}{when}"
            aside.mkdir(mode=0o700, exist_ok=True)
            for path in old:
                path.rename(aside / path.name)
            sync(aside)
        decided.rename(data / f"{_MOVING}{when}")
        sync(data)
    for moving in sorted(data.glob(f"{_MOVING}*")):
        for path in sorted(moving.iterdir()):
            path.rename(data / path.name)
        sync(data)
        moving.rmdir()
