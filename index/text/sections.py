"""Groups passages into sections: runs of passages of one document under one heading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.text.passages import Passage


@dataclass(frozen=True, slots=True)
class Section:
    """A run of passages of one document under one heading: `passages[first:end]` of the generation."""

    document: str
    heading: str
    first: int
    end: int


def sections_of(passages: Sequence[Passage]) -> tuple[Section, ...]:
    """Group a generation's passages into sections, in order."""
    found: list[Section] = []
    first = 0
    for number, passage in enumerate(passages, 1):
        following = passages[number] if number < len(passages) else None
        if following is None or (following.document, following.heading) != (passage.document, passage.heading):
            found.append(Section(passage.document, passage.heading, first, number))
            first = number
    return tuple(found)
