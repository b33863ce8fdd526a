"""What happens in the bot that is worth counting: facts without people, handed to whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Asked:
    """A question was received."""


@dataclass(frozen=True, slots=True)
class Answered:
    """It was dealt with: by an index.answering.answer.Outcome, `refused` with a sentence, or `failed` on our side."""

    outcome: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Discord has our first response to an interaction; the seconds are from its arrival here."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Stalled:
    """The event loop was so many seconds late; it is, by a little, at every tick."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Wrote:
    """The store has committed a change; the seconds are without the wait for other writers."""

    seconds: float


@dataclass(frozen=True, slots=True)
class StoreFailed:
    """The store could not be read or written; `trouble` is the kind, as in `health.store`."""

    trouble: str
    reason: str


@dataclass(frozen=True, slots=True)
class Quizzed:
    """A quiz answer is on the disk; `score` is 0..1."""

    score: float


@dataclass(frozen=True, slots=True)
class WorkBegan:
    """A process of the workshop runs."""


@dataclass(frozen=True, slots=True)
class WorkEnded:
    """A process of the workshop has ended."""

    fine: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """One shard's connection to Discord began, went on after a break, or broke."""

    kind: Literal["connect", "resume", "disconnect"]
    shard: int


Event = Asked | Answered | Acknowledged | Stalled | Wrote | StoreFailed | Quizzed | WorkBegan | WorkEnded | GatewayEvent
Observe = Callable[[Event], None]


def unobserved(event: Event) -> None:
    """Let an event pass: nobody listens."""


class EventBus:
    """Hands each event to all who listen, on the event loop's thread."""

    def __init__(self) -> None:
        self._listeners: list[Observe] = []

    def listen(self, listener: Observe) -> None:
        self._listeners.append(listener)

    def __call__(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)
