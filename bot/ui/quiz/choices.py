"""What the slash commands of the quiz propose while somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot.errors import QuizError
from bot.ui.choices import matching

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


async def axis_choices(bot: TutorClient, guild: int | None, typed: str) -> list[app_commands.Choice[str]]:
    """Propose the axes that have items in a server."""
    bank = (await bot.services.deck.cards(guild)).bank
    used = {item.axis for item in bank.items}
    return matching({axis: title for axis, title in bank.axes.items() if axis in used}, typed)


async def known_axis(bot: TutorClient, guild: int | None, typed: str | None) -> str | None:
    """Give the axis of this key or title; what was typed need not be what was proposed. Raises QuizError."""
    if typed is None:
        return None
    for axis, title in (await bot.services.deck.cards(guild)).bank.axes.items():
        if typed.casefold() in (axis.casefold(), title.casefold()):
            return axis
    raise QuizError("unknown_axis")
