"""What people of one server do together: complain about items, and stand on a leaderboard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """What one person finds wrong with an item."""

    item: str
    person: int
    complaint: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Rank:
    """One line of a leaderboard: points are the sum of scores of first answers."""

    person: int
    points: float
    answers: int
