"""Keeps one person from taking the tutor for themselves, whichever way they ask."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.errors import TooManyQuestions

WINDOW = timedelta(minutes=1)
MAX_PEOPLE = 10_000


@dataclass(slots=True)
class Cooldown:
    """A sliding window over each person's questions."""

    questions_per_minute: int
    _asked: OrderedDict[int, deque[datetime]] = field(default_factory=OrderedDict)

    def count(self, person: int, now: datetime) -> None:
        """Count one question of this person; raise TooManyQuestions, uncounted, when it is too many."""
        self.sweep(now)
        asked = self._asked.setdefault(person, deque(maxlen=self.questions_per_minute))
        self._asked.move_to_end(person)
        if len(asked) == asked.maxlen and now - asked[0] < WINDOW:
            raise TooManyQuestions(asked[0] + WINDOW)
        asked.append(now)
        while len(self._asked) > MAX_PEOPLE:
            self._asked.popitem(last=False)

    def of(self, person: int) -> list[dict[str, object]]:
        """List when a person asked lately."""
        return [{"asked_at": at} for at in self._asked.get(person, ())]

    def forget(self, person: int) -> None:
        self._asked.pop(person, None)

    def sweep(self, now: datetime) -> None:
        """Forget those who have not asked for longer than the window."""
        # People stand in the order of their last question, counted or not, so the stale ones are at the front.
        while self._asked:
            person, asked = next(iter(self._asked.items()))
            if now - asked[-1] < WINDOW:
                break
            del self._asked[person]
