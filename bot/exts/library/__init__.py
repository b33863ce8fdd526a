"""The library: what stands behind the answers, and its upkeep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bot.ui.drafts.buttons  # registers its buttons
import bot.ui.unanswered  # noqa: F401  # and this its own
from bot.exts.library._about import About
from bot.exts.library._group import Library
from bot.exts.library._unanswered import UnansweredSweep

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


async def setup(bot: TutorClient) -> None:
    await bot.add_cog(About(bot))
    await bot.add_cog(Library(bot))
    await bot.add_cog(UnansweredSweep(bot))
