"""Public rounds: everybody gets the same items in an order of options of their own, and can check afterwards."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Dealt:
    """An item of a round with its right answer as it was when the round was opened."""

    item: str
    right: str


@dataclass(frozen=True, slots=True)
class Round:
    """A public round; `message` is where it is announced, None until it is."""

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
        """Tell whether no answer counts any more: closed, or its time is up."""
        return self.closed_at is not None or now >= self.closes_at


@dataclass(frozen=True, slots=True)
class Standing:
    """How one person did in a round: points, how many items they answered, and how many seconds that took."""

    person: int
    points: float
    answered: int
    seconds: float


def person_rng(seed: str, person: int) -> random.Random:
    """Give the chance that shuffles the options of one person; anybody who knows the seed can repeat it."""
    return random.Random(f"{seed}:{person}")


def key_text(items: Sequence[Dealt]) -> str:
    """Write down the right answers, one item a line: what is revealed when the round closes."""
    return "\n".join(f"{dealt.item}: {dealt.right}" for dealt in items)


def commitment(seed: str, items: Sequence[Dealt]) -> str:
    """Hash seed and key, as `sha256(seed + newline + key)`: shown first, so that neither can be changed later."""
    return hashlib.sha256(f"{seed}\n{key_text(items)}".encode()).hexdigest()


def ranked(standings: Sequence[Standing]) -> list[Standing]:
    """Order by points, the quicker first among equals."""
    return sorted(standings, key=lambda standing: (-standing.points, standing.seconds, standing.person))
