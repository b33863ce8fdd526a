"""Puts what was unpacked in the place of what was there, so that a restore that is killed is done or never was.

The data folder itself may be a volume, which cannot be renamed; so what takes its place is made inside it. One rename,
from `.restoring` to `.restored-WHEN`, decides. What follows only moves things, can be begun anew by whoever comes next,
and moves nothing twice: while it is called `.restored-WHEN` the old things go, while it is `.settling-WHEN` the new
ones come.
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
    """Name what is in use in a data folder.

    That is everything but locks, what is made of models, what restores put aside, their own folders, and the marks of
    deletions: those have to be completed on what is restored.
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
    """Name the folders with what restores put aside."""
    return sorted(path for path in data.glob(f"{ASIDE}*") if path.is_dir())


def swap_in(data: Path, when: str) -> Path | None:
    """Make what lies in UNPACKED the content of the folder; gives where the old content is now, None if there was none.

    `when` names that place. Only for whoever occupies the folder.
    """
    (data / UNPACKED).rename(data / f"{_DECIDED}{when}")
    sync(data)
    finish(data)
    aside = data / f"{ASIDE}{when}"
    return aside if aside.exists() else None


def is_unfinished(data: Path) -> bool:
    """Say whether a restore was decided and then killed."""
    try:
        return any(path.name.startswith((_DECIDED, _MOVING)) for path in data.iterdir())
    except OSError:
        return False  # whoever needs the folder says what is wrong with it


def finish(data: Path) -> None:
    """Do what is left of a restore that was decided; only for whoever occupies the folder."""
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
