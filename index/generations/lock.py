"""File locks: one process at a time changes a library; the system frees the lock of a process that dies."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from index.errors import LibraryLockedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_POINTER_S = 10.0  # seconds to wait for a change of the pointer by another process, which takes milliseconds


@contextmanager
def building(data: Path, *, wait_s: float = -1, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the build lock of a data folder; waits `wait_s` seconds for it, without limit by default.

    `waiting` is called once when another process holds it. Raises LibraryLockedError when the wait is over.
    """
    data.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data / "build.lock")
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if waiting is not None:
                waiting()
            lock.acquire(timeout=wait_s)
    except Timeout:
        raise LibraryLockedError(
            "This library is being rebuilt already. Wait until that is done, then try again."
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def pointing(data: Path) -> Iterator[None]:
    """Hold the lock for promoting or deleting a generation; raises LibraryLockedError after ten seconds."""
    data.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(data / "live.lock", timeout=_POINTER_S):
            yield
    except Timeout:
        raise LibraryLockedError("Somebody else is changing this library. Try again in a moment.") from None
