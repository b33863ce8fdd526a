"""Opens the library for a command, saying so when it has to be built first."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from prompts import words

if TYPE_CHECKING:
    from pathlib import Path

    from bot.libraries.opening import Library
    from bot.settings import Settings


def open_announced(settings: Settings, folder: Path | None = None) -> Library:
    """Open a live generation, by default the shared one, building it first when there is none; raises LibraryError."""
    from bot.libraries.opening import open_library
    from index.generations.manifest import live

    if live(settings.data) is None:
        print(words("terminal.building"), file=sys.stderr)
    return open_library(settings, folder=folder)
