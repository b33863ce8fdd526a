"""When an item is asked again: FSRS-6 (the only file that imports fsrs)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from fsrs import Card, Rating, Scheduler, State
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "PARTLY_FROM",
    "RIGHT_FROM",
    "Memory",
    "Rating",
    "rating_of",
    "recall",
    "require_utc",
    "retrievability",
    "review",
]

PARTLY_FROM = 0.5
RIGHT_FROM = 0.75

# The published default parameters. No fuzzing: it is random.
_SCHEDULER = Scheduler(enable_fuzzing=False)
_DECAY = -_SCHEDULER.parameters[20]
_FACTOR = 0.9 ** (1 / _DECAY) - 1


@dataclass(frozen=True, slots=True)
class Memory:
    """The state of FSRS for one person and one item.

    `state` is fsrs.State as a number (1 learning, 2 review, 3 relearning), `step` the learning step and None in
    review; `stability` is the days after which recall has fallen to 0.9, `difficulty` 1..10. Both times are aware
    UTC; raises ValueError when they are not.
    """

    state: int
    step: int | None
    stability: float | None
    difficulty: float | None
    due: datetime
    last_review: datetime | None

    def __post_init__(self) -> None:
        State(self.state)
        require_utc(self.due)
        if self.last_review is not None:
            require_utc(self.last_review)


def review(memory: Memory | None, rating: Rating, now: datetime) -> Memory:
    """Return the memory after an answer at `now` (aware UTC, else ValueError); `memory` is None for a new item."""
    require_utc(now)
    # Without an id, Card sleeps to make one.
    card = Card(card_id=0, due=now) if memory is None else _card(memory)
    card, _ = _SCHEDULER.review_card(card, rating, now)
    return Memory(int(card.state), card.step, card.stability, card.difficulty, card.due, card.last_review)


def recall(elapsed_days: ArrayLike, stability: ArrayLike) -> NDArray[np.float64]:
    """Return the forgetting curve of FSRS-6, broadcast: (1 + factor * days / stability) ** decay.

    `decay` is minus the last of the 21 parameters and `factor` makes the curve pass through 0.9 where the days equal
    the stability. Source: the wiki page "The Algorithm" of open-spaced-repetition/fsrs4anki, section FSRS-6.
    """
    days = np.maximum(np.asarray(elapsed_days, dtype=np.float64), 0.0)
    return np.asarray((1 + _FACTOR * days / np.asarray(stability, dtype=np.float64)) ** _DECAY, dtype=np.float64)


def retrievability(memory: Memory | None, now: datetime) -> float:
    """Return the probability that an item is remembered at `now` (aware UTC); 0 for an item never answered.

    FSRS counts whole days: within a day even a wrong answer would have retrievability 1, so today counts as tomorrow.
    """
    if memory is None or memory.last_review is None or memory.stability is None:
        return 0.0
    return float(recall(max((now - memory.last_review).days, 1), memory.stability))


def rating_of(score: float, hints: int) -> Rating:
    """Rate an answer of this score (0..1) given after so many hints; raise ValueError outside of these ranges.

    Wrong (below PARTLY_FROM) is Again, right (from RIGHT_FROM) without a hint is Good, all between is Hard.
    """
    if not 0 <= score <= 1 or hints < 0:
        raise ValueError(f"no rating for score {score} after {hints} hints")
    if score < PARTLY_FROM:
        return Rating.Again
    # Hard is a pass in FSRS: recall with a hint or of a part. A wrong answer must not be Hard, or forgotten items
    # would come back ever later.
    if score < RIGHT_FROM or hints:
        return Rating.Hard
    # Never Easy: it would postpone an item by a week after one answer, which may be luck (one of four options).
    return Rating.Good


def require_utc(moment: datetime) -> None:
    """Raise ValueError unless the moment is aware and UTC: days are the same for everybody."""
    if moment.tzinfo != UTC:
        raise ValueError(f"{moment!r} is not aware UTC")


def _card(memory: Memory) -> Card:
    return Card(
        card_id=0,
        state=State(memory.state),
        step=memory.step,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due,
        last_review=memory.last_review,
    )
