"""What a screen shows of a session: one step, or its summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.quiz.items import Item
from bot.quiz.session import Step
from index.answering.answer import Quote


@dataclass(frozen=True, slots=True)
class Shown:
    """One step of a session.

    `item` is None when it was removed since; `quotes` are its evidence. `next` is the next unanswered position, in a
    closed round the following one. `secret`: the round is open, so do not show whether the answer was right. `due` is
    when the item comes back, None before the answer.
    """

    session: int
    step: Step
    total: int
    item: Item | None
    axis: str
    quotes: tuple[Quote, ...]
    next: int | None
    due: datetime | None
    secret: bool
    in_round: bool

    @property
    def is_over(self) -> bool:
        """Return whether the step belongs to a closed round: nothing can be answered, all can be read."""
        return self.in_round and not self.secret


@dataclass(frozen=True, slots=True)
class Summary:
    """The result of a session: (points, items) of the first answers by axis title."""

    session: int
    axes: Mapping[str, tuple[float, int]]
    missed: tuple[str, ...]
    next_due: datetime | None
    secret: bool

    @property
    def points(self) -> float:
        """Points of all axes."""
        return sum(points for points, _ in self.axes.values())

    @property
    def items(self) -> int:
        """Items of all axes."""
        return sum(items for _, items in self.axes.values())
