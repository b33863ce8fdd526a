"""The library: its documents, for everybody, and the commands that change them, for maintainers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bot.ui.build_buttons
import bot.ui.drafts.buttons
import bot.ui.unanswered  # noqa: F401  # all three register their buttons
from bot.exts.library._about import About
from bot.exts.library._group import LibraryCommands
from bot.exts.library._unanswered import UnansweredSweep

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


async def setup(bot: TutorClient) -> None:
    await bot.add_cog(About(bot))
    await bot.add_cog(LibraryCommands(bot))
    await bot.add_cog(UnansweredSweep(bot))
