"""What a process knows of a library in a bucket, and the mark in its local folder that outlives the process."""

from __future__ import annotations

import json
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock

from bot.libraries.states import State, read_state
from index.errors import LibraryError, StorageError
from index.generations.durable import replace_text
from index.generations.manifest import live

FRESH_S = 2.0
"""How old the local copy of a library that is used may be: another process's promotion is seen after this time."""
_MARK = "bucket.json"


@dataclass(eq=False, slots=True)
class Followed:
    """What this process knows of a library. `version` is None while the bucket has none; `is_known` after a look."""

    state: State = field(default_factory=State)
    version: str | None = None
    is_known: bool = False
    looked_at: float = -FRESH_S
    fault: StorageError | None = None
    looking: Future[None] | None = None
    lock: RLock = field(default_factory=RLock)


def mark(folder: Path, url: str, version: str, state: State) -> None:
    """Note in a local folder of which state of which bucket it is a copy."""
    row = {"url": url, "version": version, "state": json.loads(state.to_bytes())}
    replace_text(folder / _MARK, json.dumps(row))


def unmark(folder: Path) -> None:
    """Delete the mark."""
    (folder / _MARK).unlink(missing_ok=True)


def marked(folder: Path, url: str) -> Followed:
    """Read the mark; a folder that is a copy of this bucket can be used before the first look."""
    try:
        row = json.loads((folder / _MARK).read_text(encoding="utf-8"))
        state = read_state(json.dumps(row["state"]).encode(), _MARK)
        if row["url"] == url and state.live == live(folder):
            return Followed(state, str(row["version"]), is_known=True)
    except (OSError, ValueError, KeyError, TypeError, LibraryError):
        pass  # never a copy, or half of one: copied again
    return Followed()
