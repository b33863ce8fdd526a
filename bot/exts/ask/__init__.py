"""Asking: by mention, reply, DM, slash command or message menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.exts.ask._cog import Ask
from bot.exts.ask._right import MarkRight
from bot.ui import as_written, next_steps  # noqa: F401 - the button and the menu register themselves

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


async def setup(bot: TutorClient) -> None:
    await bot.add_cog(Ask(bot))
    await bot.add_cog(MarkRight(bot))
