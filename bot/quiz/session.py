"""The rules of a quiz session: which items are asked, in which order, what they score and which come back."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.quiz.items import Item, ItemKind
from bot.quiz.lesson_log import LessonLog
from bot.quiz.order import ask_order, in_turn
from bot.quiz.schedule import PARTLY_FROM, Memory

MOST_HINTS = 4
HINT_COST = 0.2  # share of the score, for each hint
MOST_RETURNS = 2
PASSED_FROM = PARTLY_FROM
"""An item with a lower score, such as a right answer after three hints, comes back in the session."""

_SHUFFLED = frozenset({ItemKind.CHOICE, ItemKind.GAP})


@dataclass(frozen=True, slots=True)
class PointResult:
    """A key sentence of a free answer, verbatim, and whether the answer said it."""

    sentence: str
    hit: bool


@dataclass(frozen=True, slots=True)
class FreeResult:
    """The grade of a free answer; `score` is None where the grader was unsure and the learner judges."""

    score: float | None
    points: tuple[PointResult, ...]


@dataclass(frozen=True, slots=True)
class Submitted:
    """A submitted answer, which cannot change; `option` is its index in the item, -1 for a free answer.

    `memory` is the person's memory of the item after it.
    """

    option: int
    score: float
    hints: int
    answered_at: datetime
    memory: Memory


@dataclass(frozen=True, slots=True)
class Step:
    """One item in a session; `options` are the indexes of the item's options in the order they are shown."""

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
    """One person's series of items: a quiz, or their part of a public `round`, or what a `lesson` asks."""

    id: int
    person: int
    guild: int | None
    round: int | None
    steps: tuple[Step, ...]
    lesson: LessonLog | None = None

    def is_open(self, position: int) -> bool:
        """Return whether a step can be answered: it has no answer, and is the one that its lesson shows now."""
        is_current = self.lesson is None or self.lesson.current.asked == position
        return is_current and self.steps[position].submitted is None

    def with_step(self, changed: Step) -> Session:
        """Return the session with this step at its position, which may be one behind the last."""
        before, after = self.steps[: changed.position], self.steps[changed.position + 1 :]
        return replace(self, steps=(*before, changed, *after))

    def next_after(self, position: int) -> int | None:
        """Return the next position without an answer, searching ahead first; None when all are answered."""
        waiting = [step.position for step in self.steps if step.submitted is None]
        return next((other for other in waiting if other > position), waiting[0] if waiting else None)


def choose(
    items: Iterable[Item], memories: Mapping[str, Memory], *, number: int, now: datetime, rng: random.Random
) -> list[Item]:
    """Choose items: new ones, shuffled and from each axis in turn, alternate with due ones."""
    shuffled = list(items)
    rng.shuffle(shuffled)
    by_id = {item.id: item for item in in_turn(shuffled, lambda item: item.axis)}
    return [by_id[id] for id in ask_order(list(by_id), memories, now)[:number]]


def plan(items: Sequence[Item], rng: random.Random) -> tuple[Step, ...]:
    """Make steps of items; the options are shuffled, except true and false and the sides."""
    return tuple(_step(position, item, rng) for position, item in enumerate(items))


def another(session: Session, item: Item, rng: random.Random) -> Step:
    """Make a step behind the last one of a session; the options are shuffled anew."""
    return _step(len(session.steps), item, rng)


def returning(session: Session, item: Item, rng: random.Random) -> Step | None:
    """Return the step in which a failed item comes back at the end; None after two returns, in a round or lesson."""
    times = sum(step.item == item.id for step in session.steps)
    if session.round is not None or session.lesson is not None or times > MOST_RETURNS:
        return None
    return replace(another(session, item, rng), again=True)


def score_of(item: Item, option: int, hints: int) -> float:
    """Return the score of an option, 0..1: 0 when it is wrong, and less for each hint when it is right."""
    return after_hints(1.0, hints) if option == item.key else 0.0


def after_hints(score: float, hints: int) -> float:
    """Return a score, 0..1, less the cost of the hints."""
    return round(score * (1 - HINT_COST * hints), 6)


def before_hints(score: float, hints: int) -> float:
    """Return the score, 0..1, without the cost of the hints."""
    return min(1.0, score / (1 - HINT_COST * hints))


def _step(position: int, item: Item, rng: random.Random) -> Step:
    options = list(range(len(item.options)))
    if item.kind in _SHUFFLED:
        rng.shuffle(options)
    return Step(position, item.id, item.version, tuple(options))
