"""Remembers what one person asked last in one place, to understand a follow-up, and soon forgets it."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TURNS = 3
MAX_CONVERSATIONS = 2000


@dataclass(frozen=True, slots=True)
class ConversationKey:
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
    """The last turns by corner, in memory: at most `TURNS` each, `max_age` old, and not too many corners.

    With no age at all nothing is remembered.
    """

    max_age: timedelta
    _turns: OrderedDict[ConversationKey, deque[_Turn]] = field(default_factory=OrderedDict)

    def recall(self, corner: ConversationKey, now: datetime) -> tuple[str, ...]:
        """Return the earlier questions that are still fresh, oldest first."""
        turns = self._turns.get(corner, ())
        return tuple(turn.question for turn in turns if now - turn.asked_at <= self.max_age)

    def remember(self, corner: ConversationKey, question: str, now: datetime) -> None:
        self.sweep(now)
        if not self.max_age:
            return
        self._turns.setdefault(corner, deque(maxlen=TURNS)).append(_Turn(question, now))
        self._turns.move_to_end(corner)
        while len(self._turns) > MAX_CONVERSATIONS:
            self._turns.popitem(last=False)

    def of(self, person: int) -> list[dict[str, object]]:
        """List what is remembered of a person."""
        return [
            {"channel": corner.channel, "private": corner.private, "question": turn.question, "asked_at": turn.asked_at}
            for corner, turns in self._turns.items()
            if corner.person == person
            for turn in turns
        ]

    def forget(self, person: int) -> None:
        for corner in [corner for corner in self._turns if corner.person == person]:
            del self._turns[corner]

    def sweep(self, now: datetime) -> None:
        """Forget what is too old, though nobody asks any more."""
        # Corners stand in the order of their last question, so the stale ones are all at the front.
        while self._turns:
            corner, turns = next(iter(self._turns.items()))
            if now - turns[-1].asked_at <= self.max_age:
                break
            del self._turns[corner]
        for turns in self._turns.values():
            while now - turns[0].asked_at > self.max_age:
                turns.popleft()
