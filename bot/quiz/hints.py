"""Hints: how much of an item's quote each shows."""

from __future__ import annotations

import re
from enum import IntEnum

from bot.quiz.items import Item

_FIRST_WORDS = 4
_FEWEST_WORDS = 5
_CLAUSE_END = re.compile(r"[,;:](?=\s)")


class Rung(IntEnum):
    """How much of the source is shown, in rising order; each rung costs a part of the score."""

    AXIS = 1
    FIRST_WORDS = 2
    CLAUSE = 3
    SENTENCE = 4


def uncovered(item: Item, rung: Rung) -> str:
    """Return the start of the quote that a rung shows: none of it for AXIS, all of it for SENTENCE."""
    match rung:
        case Rung.AXIS:
            return ""
        case Rung.FIRST_WORDS:
            return " ".join(item.quote.split()[:_FIRST_WORDS])
        case Rung.CLAUSE:
            return _first_clause(item.quote)
        case Rung.SENTENCE:
            return item.quote


def _first_clause(quote: str) -> str:
    """Cut a sentence after the first clause of at least five words; one without such a clause in the middle."""
    for end in _CLAUSE_END.finditer(quote):
        if len(quote[: end.start()].split()) >= _FEWEST_WORDS:
            return quote[: end.start()]
    words = quote.split()
    return " ".join(words[: max(_FIRST_WORDS + 1, len(words) // 2)])
