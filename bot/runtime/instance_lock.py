"""Lets one bot at a time live in a data folder; the system frees the lock of one that dies."""

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
"""How long somebody who only looks whether a bot is there may hold the lock."""


@contextmanager
def occupying(data: Path) -> Iterator[None]:
    """Live in the folder; raises DataError when another bot does, or when it cannot be written."""
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
    """Say whether a bot lives in the folder; leaves nothing behind. Raises OSError when that cannot be seen."""
    if not (data / FILE).exists():
        return False
    try:
        with FileLock(data / FILE, timeout=0):
            return False
    except Timeout:
        return True
