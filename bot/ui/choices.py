"""What slash commands propose while somebody types, within what Discord takes."""

from __future__ import annotations

from collections.abc import Mapping

from discord import app_commands

_MOST = 25
_MAX_NAME = 100


def matching(names: Mapping[str, str], typed: str) -> list[app_commands.Choice[str]]:
    """Propose the values whose names hold what was typed."""
    wanted = typed.casefold().strip()
    found = [(value, name) for value, name in names.items() if wanted in name.casefold()]
    return [app_commands.Choice(name=name[:_MAX_NAME], value=value) for value, name in found[:_MOST]]
