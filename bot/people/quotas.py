"""Rate limits of a person and of a server, over a sliding window of a minute."""

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
    """A sliding window for each person or server; `sentence` is the key in `errors.too_many` of the refusal."""

    per_minute: int
    sentence: str
    # Not a cache of cachetools: those expire by a clock that they call, and here each call brings the time.
    _windows: OrderedDict[int, _Window] = field(default_factory=OrderedDict)

    def count(self, who: int, now: datetime) -> None:
        """Count an action; raises TooManyError, without counting it, over the limit.

        Until the time that the first error names, further ones are marked as repetitions.
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

    def counted(self) -> list[int]:
        """List the people or servers with a window."""
        return [*self._windows]

    def of(self, who: int) -> list[datetime]:
        """List the counted times of this person or server."""
        return [*self._windows[who].done] if who in self._windows else []

    def forget(self, who: int) -> None:
        """Drop the window of this person or server."""
        self._windows.pop(who, None)

    def sweep(self, now: datetime) -> None:
        """Drop the windows that are over."""
        # Ordered by the last action, counted or not, so the oldest are first.
        while self._windows:
            who, window = next(iter(self._windows.items()))
            if now - window.done[-1] < WINDOW:
                break
            del self._windows[who]


class Quotas:
    """The limits on messages of a person, on messages of a server, and on commands and presses of a person."""

    def __init__(self, settings: Settings) -> None:
        self._questions = Quota(settings.questions_per_minute, "questions")
        self._actions = Quota(settings.actions_per_minute, "actions")
        self._servers = Quota(settings.server_questions_per_minute, "server")

    def question(self, person: int, server: int | None, now: datetime) -> None:
        """Count a message to the bot, question or not; raises TooManyError."""
        self._questions.count(person, now)
        if server is not None:
            self._servers.count(server, now)

    def action(self, person: int, now: datetime) -> None:
        """Count a command, a press or a submitted form; raises TooManyError."""
        self._actions.count(person, now)

    def people(self) -> set[int]:
        """Return the people who acted in the last minute."""
        return {*self._questions.counted(), *self._actions.counted()}

    def of(self, person: int) -> list[dict[str, object]]:
        """List the counted messages and actions of a person in the last minute."""
        asked: list[dict[str, object]] = [{"asked_at": at} for at in self._questions.of(person)]
        return asked + [{"pressed_at": at} for at in self._actions.of(person)]

    def forget(self, person: int) -> None:
        """Drop the windows of a person."""
        self._questions.forget(person)
        self._actions.forget(person)

    def sweep(self, now: datetime) -> None:
        """Drop the windows that are over."""
        for quota in (self._questions, self._actions, self._servers):
            quota.sweep(now)
