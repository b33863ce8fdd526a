"""Quizzes: alone, of what is due, or together in a public round."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bot.ui.quiz.buttons
import bot.ui.quiz.round  # noqa: F401  # both register their buttons
from bot.exts.quiz._cog import Quiz
from bot.exts.quiz._rounds import RoundClock

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


async def setup(bot: TutorClient) -> None:
    clock = RoundClock(bot)
    await bot.add_cog(clock)
    await bot.add_cog(Quiz(bot, clock))
