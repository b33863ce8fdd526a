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
class _Window:
    """When one person or server acted within the last minute, and until when they were told to wait."""

    done: deque[datetime]
    told_until: datetime | None = None


@dataclass(slots=True)
class Quota:
    """A sliding window over what each one does; `sentence` names, in `errors.too_many`, what one too many reads."""

    per_minute: int
    sentence: str
    # Not a cache of cachetools: those expire by a clock that they call, and here each call brings the time.
    _windows: OrderedDict[int, _Window] = field(default_factory=OrderedDict)

    def count(self, who: int, now: datetime) -> None:
        """Count one more; raises TooManyError, uncounted, when it is too many.

        The error is a repetition until the moment that the first one names.
        """
        self.sweep(now)
        window = self._windows.setdefault(who, _Window(deque(maxlen=self.per_minute)))
        self._windows.move_to_end(who)
        if len(window.done) == self.per_minute and now - window.done[0] < WINDOW:
            is_repetition = window.told_until is not None and now < window.told_until
            window.told_until = window.done[0] + WINDOW
            raise TooManyError(self.sentence, window.told_until, is_repetition=is_repetition)
        window.done.append(now)
        while len(self._windows) > MAX_KNOWN:
            self._windows.popitem(last=False)

    def of(self, who: int) -> list[datetime]:
        """List when this one did something lately."""
        return [*self._windows[who].done] if who in self._windows else []

    def forget(self, who: int) -> None:
        self._windows.pop(who, None)

    def sweep(self, now: datetime) -> None:
        """Forget those who have done nothing for longer than the window."""
        # They stand in the order of the last time, counted or not, so the stale ones are at the front.
        while self._windows:
            who, window = next(iter(self._windows.items()))
            if now - window.done[-1] < WINDOW:
                break
            del self._windows[who]


class Quotas:
    """What is let through within a minute: messages to the bot, of a person and of a server; commands and presses."""

    def __init__(self, settings: Settings) -> None:
        self._questions = Quota(settings.questions_per_minute, "questions")
        self._actions = Quota(settings.actions_per_minute, "actions")
        self._servers = Quota(settings.server_questions_per_minute, "server")

    def question(self, person: int, server: int | None, now: datetime) -> None:
        """Count a message to the bot, whether it is a question or gets a reply without one; raises TooManyError."""
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
