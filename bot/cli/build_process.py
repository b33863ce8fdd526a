"""The process that the bot starts to build a library: the command line at low priority and with limited memory.

A refusal is one sentence on stderr and exit code 1. Any other error is one line on stderr with its type and where it
was raised, and exit code FAILED: its message may hold parts of uploaded documents.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

from bot.libraries.command import FAILED
from prompts import words

_FRAMES = 8


def main() -> None:
    """Run the command line with the arguments of this process."""
    from bot.libraries import memory_limit
    from index.documents.confinement import make_undumpable

    make_undumpable()
    os.nice(10)  # questions come first
    memory_limit.limit(memory_limit.READING_BYTES)
    from bot.cli import app
    from bot.cli._terminal import Refusal, use_utf8
    from bot.errors import BotError
    from index.errors import LibraryError

    use_utf8()
    try:
        app()
    except (BotError, LibraryError, Refusal) as error:
        _end(str(error), 1)
    except Exception as error:
        if isinstance(error, MemoryError) or memory_limit.is_used_up():
            _end(words("terminal.no_memory"), 1)
        _end(place_of(error), FAILED)


def place_of(error: BaseException) -> str:
    """Return the type of an error and the innermost calls that led to it, without its message."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    calls = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__} in {calls}"


def _end(line: str, code: int) -> None:
    print(line, file=sys.stderr)
    raise SystemExit(code)
