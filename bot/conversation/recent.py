"""Keeps the last turns of each conversation in memory, so that follow-ups are understood, and drops them soon."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from index.answering.answer import Quote

TURNS = 3
MAX_CONVERSATIONS = 2000


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """One person in one channel. What is asked in private is kept apart: a public answer may not show it."""

    person: int
    channel: int
    private: bool


@dataclass(eq=False, slots=True)
class RecentTurn:
    """One message of a person and the quotes that were shown in response."""

    key: ConversationKey
    question: str
    """Empty for a message that turned out to be no question, such as "summarize"."""
    asked_at: datetime
    quotes: tuple[Quote, ...] = ()


@dataclass(slots=True)
class Conversations:
    """The last turns by conversation: at most `TURNS` each, not older than `max_age`, of `MAX_CONVERSATIONS`.

    With a `max_age` of 0 nothing is kept.
    """

    max_age: timedelta
    _turns: OrderedDict[ConversationKey, deque[RecentTurn]] = field(default_factory=OrderedDict)

    def recall(self, key: ConversationKey, now: datetime) -> tuple[str, ...]:
        """Return the earlier questions that are still fresh, oldest first."""
        return tuple(turn.question for turn in self._fresh(key, now) if turn.question)

    def shown(self, key: ConversationKey, now: datetime) -> tuple[Quote, ...]:
        """Return the quotes that were shown in the last turn, if it is still fresh."""
        return next((turn.quotes for turn in reversed(self._fresh(key, now))), ())

    def _fresh(self, key: ConversationKey, now: datetime) -> list[RecentTurn]:
        return [turn for turn in self._turns.get(key, ()) if now - turn.asked_at <= self.max_age]

    def remember(self, key: ConversationKey, question: str, now: datetime) -> RecentTurn:
        """Add a turn when its message arrives: the next message may refer to it before there is a response."""
        self.sweep(now)
        turn = RecentTurn(key, question, now)
        if self.max_age:
            self._turns.setdefault(key, deque(maxlen=TURNS)).append(turn)
            self._turns.move_to_end(key)
            while len(self._turns) > MAX_CONVERSATIONS:
                self._turns.popitem(last=False)
        return turn

    def take_back(self, turn: RecentTurn) -> None:
        """Drop a turn that leaves nothing to go on from, such as thanks; does nothing when it is gone already."""
        turns = self._turns.get(turn.key)
        if turns and turn in turns:
            turns.remove(turn)
            if not turns:
                del self._turns[turn.key]

    def show_more(self, turn: RecentTurn, quotes: tuple[Quote, ...]) -> None:
        """Replace a turn by more quotes of the one before it."""
        self.take_back(turn)
        if turns := self._turns.get(turn.key):
            turns[-1].quotes += quotes

    def people(self) -> set[int]:
        """Return the people of whom something is remembered."""
        return {key.person for key in self._turns}

    def of(self, person: int) -> list[dict[str, object]]:
        """List what is remembered of a person."""
        return [
            {"channel": key.channel, "private": key.private, "question": turn.question, "asked_at": turn.asked_at}
            for key, turns in self._turns.items()
            if key.person == person
            for turn in turns
            if turn.question
        ]

    def forget(self, person: int) -> None:
        """Drop all conversations of a person."""
        for key in [key for key in self._turns if key.person == person]:
            del self._turns[key]

    def sweep(self, now: datetime) -> None:
        """Drop what is too old, also of people who ask nothing more."""
        # Conversations are in the order of their last turn, so the stale ones are all at the front.
        while self._turns:
            key, turns = next(iter(self._turns.items()))
            if now - turns[-1].asked_at <= self.max_age:
                break
            del self._turns[key]
        for turns in self._turns.values():
            while now - turns[0].asked_at > self.max_age:
                turns.popleft()
