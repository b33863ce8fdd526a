"""What the commands share: refusals, output in UTF-8 and JSON, and opening the library."""

from __future__ import annotations

import json
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from prompts import words

if TYPE_CHECKING:
    from pathlib import Path

    from bot.libraries.opening import Library
    from bot.settings import Settings


class Refusal(Exception):
    """Ends a command with one sentence on stderr and exit code 1."""


def use_utf8() -> None:
    """Read and write UTF-8 whatever the encoding of the terminal: quotes hold characters that it may lack."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def print_json(value: Any, indent: int | None = None) -> None:
    """Print a value as one JSON text and flush it."""
    text = json.dumps(value, ensure_ascii=False, default=str, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which only JSON's own escapes can express
        text = json.dumps(value, default=str, indent=indent)
    print(text, flush=True)


def open_announced(settings: Settings, folder: Path | None = None) -> Library:
    """Open a live generation, by default the shared one; says on stderr when it is built first. Raises LibraryError."""
    from bot.libraries.opening import open_library
    from index.generations.manifest import live

    if live(settings.data) is None:
        print(words("terminal.building"), file=sys.stderr)
    return open_library(settings, folder=folder)
