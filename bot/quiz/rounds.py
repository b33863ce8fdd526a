"""Public rounds: all get the same items, with options in another order for each person, and can verify the result."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Dealt:
    """An item of a round and its right answer at the time the round was opened."""

    item: str
    right: str


@dataclass(frozen=True, slots=True)
class Round:
    """A public round; `message` is its announcement, None before that."""

    id: int
    guild: int
    channel: int
    message: int | None
    host: int | None
    seed: str
    items: tuple[Dealt, ...]
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        """Return whether no answer counts any more: the round is closed or its time is up."""
        return self.closed_at is not None or now >= self.closes_at


@dataclass(frozen=True, slots=True)
class Standing:
    """One person's result in a round: points, items answered, and seconds from the opening to the last answer."""

    person: int
    points: float
    answered: int
    seconds: float


def person_rng(seed: str, person: int) -> random.Random:
    """Return the random generator that shuffles one person's options; it can be repeated from the seed."""
    return random.Random(f"{seed}:{person}")


def key_text(items: Sequence[Dealt]) -> str:
    """Return the right answers, one item a line, which are revealed when the round closes."""
    return "\n".join(f"{dealt.item}: {dealt.right}" for dealt in items)


def commitment(seed: str, items: Sequence[Dealt]) -> str:
    """Return `sha256(seed + newline + key)`, shown at the opening, so that neither can be changed later."""
    return hashlib.sha256(f"{seed}\n{key_text(items)}".encode()).hexdigest()


def ranked(standings: Sequence[Standing]) -> list[Standing]:
    """Sort by points, then by time."""
    return sorted(standings, key=lambda standing: (-standing.points, standing.seconds, standing.person))
