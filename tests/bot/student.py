"""Somebody who takes lessons in the simulated Discord."""

from __future__ import annotations

import re
from typing import Any

from bot.quiz.lesson_log import LessonKind, LessonStep
from bot.quiz.session import Session
from tests.bot.conftest import parts
from tests.bot.player import Player

ONWARD = ("Go on", "Ask me about it", "Read how the author puts it")


class Student(Player):
    """Presses what is on the screen; `message` is where the lesson stands."""

    async def learn(self, **options: Any) -> Student:
        await self.start("learn", **options)
        return self

    async def lesson(self) -> Session:
        ids = [part["custom_id"] for part in parts(self.message) if "custom_id" in part]
        found = [match for each in ids if (match := re.match(r"(?:quiz|lesson):v1:\w+:(\d+):", each))]
        return await self.session(int(found[0][1]))

    async def shown(self) -> LessonStep:
        """Return the current step of the lesson."""
        log = (await self.lesson()).lesson
        assert log is not None
        return log.current

    async def take_step(self, *, right: bool) -> LessonStep:
        """Do what the screen asks and go on; return the step that was left."""
        left = await self.shown()
        if left.asked is not None and not self.is_answered:
            await self.answer(right=right)
        if left.kind is not LessonKind.END:
            await self.onward()
        return left

    @property
    def is_answered(self) -> bool:
        return "Submit" not in self.labels and "Write your answer" not in self.labels

    async def onward(self) -> None:
        await self.press(next(label for label in self.labels if label in ONWARD))
