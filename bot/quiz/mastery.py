"""What one person knows now, computed from their answers and memories: the facts of /progress."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from bot.quiz.schedule import Memory, recall, require_utc

CURVE_DAYS = 30
CALENDAR_DAYS = 84
SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Answered:
    """One stored answer of the person; `score` is 0..1, `answered_at` aware UTC."""

    item: str
    axis: str
    score: float
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Rank:
    """One line of a leaderboard: `points` is the sum of a person's scores on first answers."""

    person: int
    points: float
    answers: int


@dataclass(frozen=True, slots=True)
class AxisProgress:
    """One axis: how many of its items were answered at least once, are remembered, and how well.

    `mastery` is the mean retrievability 0..1 over ALL items of the axis, 0 for an item never answered: the share that
    the person would remember if asked everything now. `accuracy` is the mean score of all answers, None before the
    first.
    """

    axis: str
    seen: int
    items: int
    mastery: float
    answers: int
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Progress:
    """All facts of /progress at one moment; days are UTC.

    `remembered[d]` is the expected number of items remembered d days from now, d = 0..30, without any review. `daily`
    is the number of answers on each of the last 84 days, today last. `due_within_week` includes those due now.
    """

    today: date
    axes: tuple[AxisProgress, ...]
    streak_days: int
    longest_streak_days: int
    due_now: int
    due_within_week: int
    remembered: tuple[float, ...]
    daily: tuple[int, ...]

    @property
    def seen(self) -> int:
        """Items answered at least once."""
        return sum(axis.seen for axis in self.axes)

    @property
    def items(self) -> int:
        """Items of the bank."""
        return sum(axis.items for axis in self.axes)

    @property
    def answers(self) -> int:
        """Answers on axes of the bank."""
        return sum(axis.answers for axis in self.axes)


def progress(
    answers: Sequence[Answered],
    memories: Mapping[str, Memory],
    bank: Mapping[str, Collection[str]],
    now: datetime,
) -> Progress:
    """Compute the facts from a person's answers in any order, their memories by item and the bank's items by axis.

    Answers to items that left the bank count as answers of their axis and for the streak; such items are neither
    seen, due nor mastered. Raises ValueError for a time that is not aware UTC.
    """
    for moment in (now, *(answer.answered_at for answer in answers)):
        require_utc(moment)
    axes = [axis for axis, items in bank.items() for _ in items]
    known = [memories.get(item) for items in bank.values() for item in items]
    curve = _curve(known, now)
    current, longest = streaks([answer.answered_at.date() for answer in answers], now.date())
    due = [memory.due for memory in known if memory is not None]
    return Progress(
        today=now.date(),
        axes=_by_axis(answers, memories, bank, _means(axes, curve[:, 0])),
        streak_days=current,
        longest_streak_days=longest,
        due_now=sum(moment <= now for moment in due),
        due_within_week=sum(moment <= now + timedelta(days=SOON_DAYS) for moment in due),
        remembered=tuple(curve.sum(axis=0).tolist()),
        daily=_daily(answers, now.date()),
    )


def streaks(days: Collection[date], today: date) -> tuple[int, int]:
    """Return the run of days with an answer that reaches today or yesterday, and the longest run, both in days.

    Days after today, from a wrong clock, do not count: [Monday, Tuesday, Friday] on Friday -> (1, 2).
    """
    ordinals = np.unique(np.array([day.toordinal() for day in days if day <= today], dtype=np.int64))
    if not len(ordinals):
        return 0, 0
    breaks = np.flatnonzero(np.diff(ordinals) > 1) + 1
    lengths = np.diff(np.concatenate([[0], breaks, [len(ordinals)]]))
    alive = today.toordinal() - int(ordinals[-1]) <= 1
    return int(lengths[-1]) if alive else 0, int(lengths.max())


def _curve(known: Sequence[Memory | None], now: datetime) -> NDArray[np.float64]:
    """Return the retrievability [items, 31] of each item today and on the following days; 0 for an unseen item."""
    reviewed = [
        (place, (now - memory.last_review).days, memory.stability)
        for place, memory in enumerate(known)
        if memory is not None and memory.last_review is not None and memory.stability is not None
    ]
    places, elapsed, stability = np.array(reviewed, dtype=np.float64).reshape(-1, 3).T
    curve = np.zeros((len(known), CURVE_DAYS + 1))
    # FSRS counts whole days: within a day even a wrong answer has retrievability 1. So today's count as tomorrow's.
    days = np.maximum(elapsed[:, None] + np.arange(CURVE_DAYS + 1), 1.0)
    curve[places.astype(int)] = recall(days, stability[:, None])
    return curve


def _means(axes: Sequence[str], values: NDArray[np.float64]) -> Mapping[str, float]:
    names, place = np.unique(np.array(axes, dtype=str), return_inverse=True)
    means = np.bincount(place, values, len(names)) / np.bincount(place, minlength=len(names))
    return dict(zip(names.tolist(), means.tolist(), strict=True))


def _by_axis(
    answers: Sequence[Answered],
    memories: Mapping[str, Memory],
    bank: Mapping[str, Collection[str]],
    mastery: Mapping[str, float],
) -> tuple[AxisProgress, ...]:
    answered = {answer.item for answer in answers} | set(memories)
    scores: dict[str, list[float]] = {axis: [] for axis in bank}
    for answer in answers:
        if answer.axis in scores:
            scores[answer.axis].append(answer.score)
    return tuple(
        AxisProgress(
            axis=axis,
            seen=len(answered.intersection(items)),
            items=len(items),
            mastery=mastery.get(axis, 0.0),
            answers=len(scores[axis]),
            accuracy=float(np.mean(scores[axis])) if scores[axis] else None,
        )
        for axis, items in bank.items()
    )


def _daily(answers: Sequence[Answered], today: date) -> tuple[int, ...]:
    ago = np.array([today.toordinal() - answer.answered_at.toordinal() for answer in answers], dtype=np.int64)
    counts = np.bincount(ago[(ago >= 0) & (ago < CALENDAR_DAYS)], minlength=CALENDAR_DAYS)
    return tuple(counts[::-1].tolist())
