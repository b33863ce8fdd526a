"""One person's walk through some items: what is asked, in which order, what it scores and what comes back."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.quiz.items import Item, ItemKind
from bot.quiz.order import ask_order, in_turn
from bot.quiz.schedule import PARTLY_FROM, Memory

MOST_HINTS = 4
HINT_COST = 0.2
MOST_RETURNS = 2
PASSED_FROM = PARTLY_FROM
"""What scores less is wrong: it comes back in the session. A right answer after three hints is not learnt yet."""

_SHUFFLED = frozenset({ItemKind.CHOICE, ItemKind.GAP})


@dataclass(frozen=True, slots=True)
class PointResult:
    """A key sentence of a free answer, verbatim, and whether the answer said it."""

    sentence: str
    hit: bool


@dataclass(frozen=True, slots=True)
class FreeResult:
    """How a free answer was graded; `score` is None where the grader was unsure and the learner judges."""

    score: float | None
    points: tuple[PointResult, ...]


@dataclass(frozen=True, slots=True)
class Submitted:
    """What was submitted and cannot change any more; `option` is the item's own number of it, -1 if free.

    `memory` is what the person is thought to remember of the item after it.
    """

    option: int
    score: float
    hints: int
    answered_at: datetime
    memory: Memory


@dataclass(frozen=True, slots=True)
class Step:
    """One item in a session; `options` are the item's own option numbers in the order they are shown."""

    position: int
    item: str
    version: str
    options: tuple[int, ...]
    again: bool = False
    picked: int | None = None
    hints: int = 0
    graded: FreeResult | None = None
    submitted: Submitted | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """The whole walk; `round` is the public round it is part of."""

    id: int
    person: int
    guild: int | None
    round: int | None
    steps: tuple[Step, ...]

    def with_step(self, changed: Step) -> Session:
        """Give the session with this step in place of the one at its position, or behind the last one."""
        before, after = self.steps[: changed.position], self.steps[changed.position + 1 :]
        return replace(self, steps=(*before, changed, *after))

    def next_after(self, position: int) -> int | None:
        """Give the next position that waits for an answer, looking ahead first; None when all are answered."""
        waiting = [step.position for step in self.steps if step.submitted is None]
        return next((other for other in waiting if other > position), waiting[0] if waiting else None)


def choose(
    items: Iterable[Item], memories: Mapping[str, Memory], *, number: int, now: datetime, rng: random.Random
) -> list[Item]:
    """Choose what to ask: new items, shuffled and from every axis in turn, alternate with what is due."""
    shuffled = list(items)
    rng.shuffle(shuffled)
    by_id = {item.id: item for item in in_turn(shuffled, lambda item: item.axis)}
    return [by_id[id] for id in ask_order(list(by_id), memories, now)[:number]]


def plan(items: Sequence[Item], rng: random.Random) -> tuple[Step, ...]:
    """Lay the items out as steps, the options of each shuffled; true and false and the two sides keep their places."""
    return tuple(_step(position, item, rng) for position, item in enumerate(items))


def returning(session: Session, item: Item, rng: random.Random) -> Step | None:
    """Give the step in which a failed item comes back at the end of the session; None when it came back enough."""
    times = sum(step.item == item.id for step in session.steps)
    if session.round is not None or times > MOST_RETURNS:
        return None
    return replace(_step(len(session.steps), item, rng), again=True)


def score_of(item: Item, option: int, hints: int) -> float:
    """Score a chosen option, 0..1: nothing when it is wrong, less for every hint when it is right."""
    return after_hints(1.0, hints) if option == item.key else 0.0


def after_hints(score: float, hints: int) -> float:
    return round(score * (1 - HINT_COST * hints), 6)


def before_hints(score: float, hints: int) -> float:
    """Give what an answer would have scored without the hints, 0..1: how right it was."""
    return min(1.0, score / (1 - HINT_COST * hints))


def _step(position: int, item: Item, rng: random.Random) -> Step:
    options = list(range(len(item.options)))
    if item.kind in _SHUFFLED:
        rng.shuffle(options)
    return Step(position, item.id, item.version, tuple(options))
