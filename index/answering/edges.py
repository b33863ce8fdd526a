"""Finds how a document begins and ends: its first and last sentences that can be quoted."""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from index.answering.neighbours import may_be_quoted
from index.answering.overview import BACK_MATTER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.generations.generation import Generation

_BEGINNING = re.compile(r"(?:the )?(?:introduction|intro|beginning|begin|start|opening|open)s?", re.IGNORECASE)
_ENDING = re.compile(r"(?:the )?(?:conclusion|conclude|ending|end|finish|closing|close)s?", re.IGNORECASE)


class Edge(StrEnum):
    """The place in a document that a topic names without a heading of this name."""

    BEGINNING = "beginning"
    ENDING = "ending"


def edge_named(topic: str) -> Edge | None:
    """Return what a topic such as "the conclusion" or "beginning" names; None for any other."""
    if _BEGINNING.fullmatch(topic):
        return Edge.BEGINNING
    return Edge.ENDING if _ENDING.fullmatch(topic) else None


def sentences_at(generation: Generation, document: str, edge: Edge, most: int) -> list[int]:
    """Number the first or last sentences of a document that can be quoted, in reading order, without back matter."""
    found = islice(_quotable(generation, document, backwards=edge is Edge.ENDING), most)
    return sorted(found)


def _quotable(generation: Generation, document: str, *, backwards: bool) -> Iterator[int]:
    numbers = generation.passages_of[document]
    for passage in reversed(numbers) if backwards else numbers:
        if BACK_MATTER.fullmatch(generation.passages[passage].heading):
            continue
        first, end = map(int, generation.sentence_starts[passage : passage + 2])
        within = range(first, end)
        yield from (each for each in (reversed(within) if backwards else within) if may_be_quoted(generation, each))
