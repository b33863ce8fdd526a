"""Events for metrics and health, without data about people, and the bus that delivers them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Asked:
    """A question was received."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question was answered; `outcome` is an index.answering.answer.Outcome, `refused` or `failed`."""

    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Discord has received our first response to an interaction; `seconds` since its arrival here."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Stalled:
    """The event loop was `seconds` late; reported at every tick."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Wrote:
    """The store has committed a change; `seconds` without the wait for other writers."""

    seconds: float


@dataclass(frozen=True, slots=True)
class StoreFailed:
    """The store could not be read or written; `trouble` is a key of `health.store`."""

    trouble: str
    reason: str


@dataclass(frozen=True, slots=True)
class Quizzed:
    """A quiz answer was stored; `score` is 0..1."""

    score: float


@dataclass(frozen=True, slots=True)
class WorkBegan:
    """A build process has started."""


@dataclass(frozen=True, slots=True)
class WorkEnded:
    """A build process has ended."""

    fine: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """The connection of a shard to Discord was opened, resumed or lost."""

    kind: Literal["connect", "resume", "disconnect"]
    shard: int


Event = Asked | Answered | Acknowledged | Stalled | Wrote | StoreFailed | Quizzed | WorkBegan | WorkEnded | GatewayEvent
Observe = Callable[[Event], None]


def unobserved(event: Event) -> None:
    """Ignore an event."""


class EventBus:
    """Delivers each event to all listeners, on the event loop's thread."""

    def __init__(self) -> None:
        self._listeners: list[Observe] = []

    def listen(self, listener: Observe) -> None:
        """Add a listener."""
        self._listeners.append(listener)

    def __call__(self, event: Event) -> None:
        """Give an event to every listener, in the order in which they were added."""
        for listener in self._listeners:
            listener(event)
