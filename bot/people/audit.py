"""Who changed which library, as the libraries' files record it: read for an export, or taken out.

The files hold pseudonyms. Those that older versions wrote hold people's ids.
"""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from bot.libraries.paths import every_folder
from index.generations import promotion, records


def bylines(data: Path, by: Container[str]) -> list[dict[str, object]]:
    """List the changes and builds recorded under these names, in all libraries; `server` is None for the shared one."""
    found: list[dict[str, object]] = []
    for server, folder in every_folder(data).items():
        found += [
            {"server": server, "did": event.step, "generation": event.generation, "at": event.at}
            for event in promotion.history(folder)
            if event.by in by
        ]
        found += [
            {"server": server, "did": "built", "generation": generation}
            for generation in records.examined(folder)
            if (records.read_record(folder, generation) or {}).get("by") in by
        ]
    return found


def forget_name(data: Path, by: str) -> None:
    """Take a name out of all libraries; raises BusyError, and can be tried again, when one is held by somebody."""
    for folder in every_folder(data).values():
        promotion.forget_name(folder, by)
        records.forget_name(folder, by)
