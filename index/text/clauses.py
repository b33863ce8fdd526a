"""Cuts a sentence that is too long for a quote at clause boundaries, for index.text.sentences."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# All lengths are in characters.
LONGEST = 1200  # a longer sentence is cut: at clause boundaries, else at white space, and failing that anywhere
SHORTEST_CLAUSE = 40
_PART = 600  # the parts of a cut sentence have at most this length, where its clauses allow it
_CLAUSES = (
    re.compile(r"[;\uff1b](?=\s|[^\x00-\x7f])"),
    re.compile(r":(?=\s)|\uff1a|\s[\u2013\u2014-](?=\s)|\u2014"),
    re.compile(r",(?=\s)|[\uff0c\u3001]"),
)


def short_enough(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence that is too long for a quote at the clause boundaries that make the most equal parts."""
    if end - start <= LONGEST:
        yield start, end
        return
    for pattern in _CLAUSES:
        cuts = [found.end() for found in pattern.finditer(text, start, end)]
        if chosen := _even_cuts(cuts, start, end):
            for a, b in zip([start, *chosen], [*chosen, end], strict=True):
                if b - a < end - start:
                    yield from short_enough(text, a, b)
            return
    while end - start > LONGEST:
        cut = max(text.rfind(" ", start + _PART, start + LONGEST), text.rfind("\n", start + _PART, start + LONGEST))
        cut = cut if cut > start else start + LONGEST
        yield start, cut
        start = cut
    yield start, end


def lines_of(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut code, whose sentences are lines, at the ends of lines into the fewest parts of at most _PART."""
    while end - start > _PART:
        cut = text.rfind("\n", start + 1, start + _PART)
        cut = cut + 1 if cut > start else start + _PART
        yield start, cut
        start = cut
    yield start, end


def _even_cuts(cuts: Sequence[int], start: int, end: int) -> list[int]:
    """Choose the fewest cuts that give pieces of at most `_PART`, where the cuts allow it."""
    parts = -(-(end - start) // _PART)
    step = (end - start) / parts
    usable = [cut for cut in cuts if cut - start >= SHORTEST_CLAUSE and end - cut >= SHORTEST_CLAUSE]
    chosen: list[int] = []
    for part in range(1, parts):
        if not usable:
            break
        ideal = start + part * step
        at = bisect_right(usable, ideal)
        best = min(usable[max(at - 1, 0) : at + 1], key=lambda cut: abs(cut - ideal))
        if not chosen or best - chosen[-1] >= SHORTEST_CLAUSE:
            chosen.append(best)
    return chosen
