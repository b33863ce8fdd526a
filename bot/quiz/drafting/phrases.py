"""What can be asked for in a sentence: phrases with what sort of thing each is and in what form it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """What a phrase is taken for; wrong options are of the same sort as the right one."""

    YEAR = "year"
    DAY = "day"
    DECADE = "decade"
    CENTURY = "century"
    QUANTITY = "quantity"
    NAME = "name"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase at text[start:end] of a sentence; phrases of one form can stand in each other's place.

    `form` holds what grammar and looks demand (a sign, a plural, an article); `unit` is what a quantity counts.
    """

    start: int
    end: int
    text: str
    sort: Sort
    form: tuple[str, ...]
    unit: str = ""
