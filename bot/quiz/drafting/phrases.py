"""Phrases of a sentence that a question can ask for, with their sort and grammatical form."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """The sort of a phrase; wrong options are of the same sort as the right one."""

    YEAR = "year"
    DAY = "day"
    DECADE = "decade"
    CENTURY = "century"
    QUANTITY = "quantity"
    NAME = "name"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase at text[start:end] of a sentence; phrases of the same `form` are interchangeable.

    `form` is what grammar and spelling require (a sign, a plural, an article); `unit` is what a quantity counts.
    """

    start: int
    end: int
    text: str
    sort: Sort
    form: tuple[str, ...]
    unit: str = ""

    def overlaps(self, other: Phrase) -> bool:
        """Return whether two phrases of the same text share a character."""
        return self.start < other.end and other.start < self.end
