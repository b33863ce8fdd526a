"""What a person is shown of their session: one step, or how it all went."""

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

    `item` is None when it was taken out since it was dealt; `quotes` are its evidence. `next` is the next position
    that waits for an answer, in a closed round simply the next one; None when there is none. `secret` holds back
    whether the answer was right: the round it belongs to is still open. `due` is when the item comes back, known once
    it was answered.
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
    """How a session went: points of the first answers by axis title, as (points, items)."""

    session: int
    axes: Mapping[str, tuple[float, int]]
    missed: tuple[str, ...]
    next_due: datetime | None
    secret: bool

    @property
    def points(self) -> float:
        return sum(points for points, _ in self.axes.values())

    @property
    def items(self) -> int:
        return sum(items for _, items in self.axes.values())
