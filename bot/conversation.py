"""Remembers what one person asked last in one place, to understand a follow-up, and soon forgets it."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TURNS = 3
MAX_AGE = timedelta(minutes=15)
MAX_CONVERSATIONS = 2000


@dataclass(frozen=True, slots=True)
class Corner:
    """One person in one channel. What is asked in private is kept apart: a public answer may not show it."""

    person: int
    channel: int
    private: bool


@dataclass(frozen=True, slots=True)
class _Turn:
    question: str
    asked_at: datetime


@dataclass(slots=True)
class Conversations:
    """The last turns by corner, in memory: at most `TURNS` each, `MAX_AGE` old, and not too many corners."""

    _turns: OrderedDict[Corner, deque[_Turn]] = field(default_factory=OrderedDict)

    def recall(self, corner: Corner, now: datetime) -> tuple[str, ...]:
        """Return the earlier questions that are still fresh, oldest first."""
        turns = self._turns.get(corner, ())
        return tuple(turn.question for turn in turns if now - turn.asked_at <= MAX_AGE)

    def remember(self, corner: Corner, question: str, now: datetime) -> None:
        self._forget_stale(now)
        self._turns.setdefault(corner, deque(maxlen=TURNS)).append(_Turn(question, now))
        self._turns.move_to_end(corner)
        while len(self._turns) > MAX_CONVERSATIONS:
            self._turns.popitem(last=False)

    def _forget_stale(self, now: datetime) -> None:
        # Corners stand in the order of their last question, so the stale ones are all at the front.
        while self._turns:
            corner, turns = next(iter(self._turns.items()))
            if now - turns[-1].asked_at <= MAX_AGE:
                return
            del self._turns[corner]
