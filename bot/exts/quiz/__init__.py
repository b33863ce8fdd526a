"""Quizzes: for one person, or public rounds for a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bot.ui.quiz.buttons
import bot.ui.quiz.round  # noqa: F401  # both register their buttons
from bot.exts.quiz._cog import Quiz
from bot.exts.quiz._digests import DigestSender
from bot.exts.quiz._rounds import RoundCloser

if TYPE_CHECKING:
    from bot.ui.client import TutorClient


async def setup(bot: TutorClient) -> None:
    closer = RoundCloser(bot)
    await bot.add_cog(closer)
    await bot.add_cog(Quiz(bot, closer))
    await bot.add_cog(DigestSender(bot))
