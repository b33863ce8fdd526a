"""Answers a message that asks several questions one by one, so that none is lost and none borrows another's answer."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from index.answering.answer import Answer, Asked, Outcome, Quote
from index.text.words import all_words

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 3  # questions in one message
_FEWEST_WORDS = 3  # of each: "Really? What is it?" asks one
_END = re.compile(r"(?<=\?)\s+")


def questions_in(asked: Asked) -> list[Asked]:
    """Part a message into its questions, each with those before it as its history; one where it is not plain.

    "What is a kiln? Who built it?" gives both, and anything that is not a row of two or three questions itself.
    """
    parts = _END.split(asked.text.strip())
    is_row = 1 < len(parts) <= _MOST and all(part.endswith("?") for part in parts)
    if not is_row or any(len(all_words(part)) < _FEWEST_WORDS for part in parts):
        return [asked]
    return [Asked(part, (*asked.history, *parts[:number])) for number, part in enumerate(parts)]


def joined(asked: Asked, answers: Sequence[Answer]) -> Answer:
    """Make one answer of those of each question: one quote for each that is answered, and two where it compares.

    If none is answered but some come close, these are quoted; the others have no quote either way.
    """
    outcome = next(
        (each for each in (Outcome.ANSWER, Outcome.CLOSEST) if any(found.outcome is each for found in answers)),
        Outcome.NOT_COVERED,
    )
    shown = [found for found in answers if found.outcome is outcome and found.quotes] or answers[:1]
    firsts: list[Quote] = []
    others: list[Quote] = []
    for found in shown:
        quotes = [replace(quote, side=found.question) for quote in (*found.quotes, *found.more)]
        count = 2 if found.sides else 1
        firsts += quotes[:count]
        others += quotes[count:]
    others.sort(key=lambda quote: -quote.score)
    places = [(quote.document, quote.start) for quote in (*firsts, *others)]
    new = [quote for number, quote in enumerate(others, len(firsts)) if places[number] not in places[:number]]
    return replace(
        shown[0],
        question=asked.text,
        understood=asked.text,
        outcome=outcome,
        confidence=min(found.confidence for found in shown),
        quotes=tuple(firsts),
        more=tuple(new),
        sides=None,
        questions=tuple(found.question for found in answers),
        absent=next((found.absent for found in answers if found.absent), ""),
    )
