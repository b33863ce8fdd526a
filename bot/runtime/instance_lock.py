"""Locks that keep a data folder to one bot, or to the processes of one; the system releases them at their end."""

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
COMMANDS = "commands.json"
"""Which slash commands are registered; a bot that has connected leaves it in its data folder."""
_SHARED = "run-*.lock"
_LOOKED_AT_S = 1.0
"""Longest time that `is_occupied` of another process may hold the lock."""


@contextmanager
def occupying(data: Path, process: int | None = None) -> Iterator[None]:
    """Hold the lock of a data folder; raises DataError when another bot has it, or the folder cannot be written.

    Processes of one bot, each with its number, may share a folder; without a number nobody else may be there.
    """
    lock = FileLock(data / (FILE if process is None else _SHARED.replace("*", str(process))))
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=_LOOKED_AT_S)
    except Timeout:
        raise DataError(words("errors.data_occupied", path=data)) from None
    except OSError as error:
        raise DataError(words("errors.data_unusable", path=data, reason=error.strerror)) from error
    try:
        if any(map(_is_held, data.glob(_SHARED) if process is None else [data / FILE])):
            raise DataError(words("errors.data_occupied", path=data))
        yield
    finally:
        lock.release()


def has_run(data: Path) -> bool:
    """Say whether a bot was connected to Discord from this data folder before."""
    return (data / COMMANDS).exists()


def is_occupied(data: Path) -> bool:
    """Say whether a bot runs on the folder; writes nothing. Raises OSError when the lock cannot be opened."""
    return any(map(_is_held, [data / FILE, *data.glob(_SHARED)]))


def _is_held(file: Path) -> bool:
    if not file.exists():
        return False
    try:
        with FileLock(file, timeout=0):
            return False
    except Timeout:
        return True
