"""A lock that lets one bot at a time run on a data folder; the system releases it when the process ends."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from bot.errors import DataError
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = "run.lock"
_LOOKED_AT_S = 1.0
"""Longest time that `is_occupied` of another process may hold the lock."""


@contextmanager
def occupying(data: Path) -> Iterator[None]:
    """Hold the lock of a data folder; raises DataError when another bot has it, or the folder cannot be written."""
    lock = FileLock(data / FILE)
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=_LOOKED_AT_S)
    except Timeout:
        raise DataError(words("errors.data_occupied", path=data)) from None
    except OSError as error:
        raise DataError(words("errors.data_unusable", path=data, reason=error.strerror)) from error
    try:
        yield
    finally:
        lock.release()


def is_occupied(data: Path) -> bool:
    """Say whether a bot runs on the folder; writes nothing. Raises OSError when the lock cannot be opened."""
    if not (data / FILE).exists():
        return False
    try:
        with FileLock(data / FILE, timeout=0):
            return False
    except Timeout:
        return True
