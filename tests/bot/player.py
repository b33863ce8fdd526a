"""Somebody who plays quizzes in the simulated Discord and knows the bank by heart."""

from __future__ import annotations

import re
from typing import Any

from bot.quiz.items import Item, ItemKind
from bot.quiz.session import Session, Step
from bot.store import sessions
from tests.bot.conftest import Stage, labels, parts, texts

ONWARD = ("Next question", "How did I do?")


class Player:
    """Presses what is on the screen; `message` is where the quiz stands."""

    def __init__(self, stage: Stage, actor: Any) -> None:
        self.stage = stage
        self.actor = actor
        self.message: Any = None

    async def start(self, command: str = "quiz start", **options: Any) -> Player:
        result = await self.actor.slash(self.stage.channel, command, **options)
        self.message = result.response
        return self

    @property
    def screen(self) -> str:
        return texts(self.message)

    @property
    def labels(self) -> list[str]:
        return labels(self.message)

    @property
    def place(self) -> tuple[int, int]:
        """Session and position, as the buttons on the screen have them."""
        ids = [part["custom_id"] for part in parts(self.message) if "custom_id" in part]
        found = [match for each in ids if (match := re.fullmatch(r"quiz:v1:(?!next)\w+:(\d+):(\d+):\d+", each))]
        return int(found[0][1]), int(found[0][2])

    async def session(self, session: int | None = None) -> Session:
        async with self.stage.bot.services.store.reading() as connection:
            found = await sessions.load(connection, session or self.place[0])
        assert found is not None
        return found

    async def step(self) -> Step:
        return (await self.session()).steps[self.place[1]]

    async def item(self) -> Item:
        session = await self.session()
        cards = await self.stage.bot.services.deck.cards(session.guild)
        return cards.bank.by_id[session.steps[self.place[1]].item]

    async def press(self, label: str) -> Any:
        return await self.actor.click(self.message, label=label)

    async def pick(self, *, right: bool) -> str:
        """Choose the right option or a wrong one; gives the letter."""
        item, step = await self.item(), await self.step()
        shown = next(n for n, option in enumerate(step.options) if (option == item.key) is right)
        await self.press("ABCDE"[shown])
        return "ABCDE"[shown]

    async def answer(self, *, right: bool) -> None:
        """Answer what is on the screen in one way or the other, a free answer with the author's words or without."""
        item = await self.item()
        if item.kind is ItemKind.FREE:
            await self.write(" ".join(item.points) if right else "Bananas are yellow and grow on tall plants.")
            if "I missed it" in self.labels:
                await self.press("I had it" if right else "I missed it")
        else:
            await self.pick(right=right)
            await self.press("Submit")

    async def write(self, text: str, button: str = "Write your answer") -> Any:
        opened = await self.press(button)
        return await self.actor.submit_modal(opened, {"text": text})

    async def onward(self) -> None:
        await self.press(next(label for label in self.labels if label in ONWARD))
