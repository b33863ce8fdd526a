"""Keeps one person, and one server, from taking the tutor for themselves, whichever way they ask."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.errors import TooManyError

if TYPE_CHECKING:
    from bot.settings import Settings

WINDOW = timedelta(minutes=1)
MAX_KNOWN = 10_000


@dataclass(slots=True)
class Quota:
    """A sliding window over what each one does; `sentence` names, in `errors.too_many`, what one too many reads."""

    per_minute: int
    sentence: str
    _done: OrderedDict[int, deque[datetime]] = field(default_factory=OrderedDict)

    def count(self, who: int, now: datetime) -> None:
        """Count one more; raise TooManyError, uncounted, when it is too many."""
        self.sweep(now)
        done = self._done.setdefault(who, deque(maxlen=self.per_minute))
        self._done.move_to_end(who)
        if len(done) == done.maxlen and now - done[0] < WINDOW:
            raise TooManyError(self.sentence, done[0] + WINDOW)
        done.append(now)
        while len(self._done) > MAX_KNOWN:
            self._done.popitem(last=False)

    def of(self, who: int) -> list[datetime]:
        """List when this one did something lately."""
        return [*self._done.get(who, ())]

    def forget(self, who: int) -> None:
        self._done.pop(who, None)

    def sweep(self, now: datetime) -> None:
        """Forget those who have done nothing for longer than the window."""
        # They stand in the order of the last time, counted or not, so the stale ones are at the front.
        while self._done:
            who, done = next(iter(self._done.items()))
            if now - done[-1] < WINDOW:
                break
            del self._done[who]


class Quotas:
    """What is let through within a minute: questions of a person and of a server; a person's commands and presses."""

    def __init__(self, settings: Settings) -> None:
        self._questions = Quota(settings.questions_per_minute, "questions")
        self._actions = Quota(settings.actions_per_minute, "actions")
        self._servers = Quota(settings.server_questions_per_minute, "server")

    def question(self, person: int, server: int | None, now: datetime) -> None:
        """Count a question; raises TooManyError."""
        self._questions.count(person, now)
        if server is not None:
            self._servers.count(server, now)

    def action(self, person: int, now: datetime) -> None:
        """Count a command, a press or a form; raises TooManyError."""
        self._actions.count(person, now)

    def of(self, person: int) -> list[dict[str, object]]:
        """List what a person did lately, and when."""
        asked: list[dict[str, object]] = [{"asked_at": at} for at in self._questions.of(person)]
        return asked + [{"pressed_at": at} for at in self._actions.of(person)]

    def forget(self, person: int) -> None:
        """Forget what a person did lately."""
        self._questions.forget(person)
        self._actions.forget(person)

    def sweep(self, now: datetime) -> None:
        """Forget what is older than the window."""
        for quota in (self._questions, self._actions, self._servers):
            quota.sweep(now)
