"""Prepares what a library suggests: asks its known questions beforehand, some at a time, and finds facing sentences."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

from bot.answering.responses import respond
from bot.answering.turn import Turn
from bot.conversation.acts import Act
from bot.libraries.suggestions import AnsweredQuestion
from bot.quiz.bank import locate, playable, read_bank
from index.answering.answer import Outcome
from index.answering.neighbours import sentence_holding
from index.evaluation.metrics import is_hit
from index.generations.texts import blotted_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.answering.turn import Response
    from bot.libraries.cache import OpenLibraries
    from bot.libraries.opening import Library
    from bot.quiz.items import Bank
    from index.evaluation.metrics import Question
    from index.generations.generation import Generation

log = logging.getLogger(__name__)

_AT_ONCE = 4  # questions: a message that comes meanwhile waits for so many answers
_AMONG = 3  # quotes among which a golden text has to be

shipped_bank = cache(read_bank)


def prepare_for(server: int | None, bank: Bank, libraries: OpenLibraries) -> bool:
    """Prepare a part of what a server's library suggests; returns whether nothing is left, or it is not open."""
    library = libraries.in_use(server)
    if library is None:
        return True
    try:
        return prepare(library, bank)
    except Exception:
        log.exception("what the library suggests cannot be prepared")
        library.suggestions.waiting, library.suggestions.facing = [], library.suggestions.facing or {}
        return True


def prepare(library: Library, bank: Bank) -> bool:
    """Do the next part of the work, some hundredths of a second; returns whether nothing is left.

    The questions of the quiz are never suggested: their answers would be given away.
    """
    suggestions = library.suggestions
    if suggestions.facing is None:
        suggestions.facing = _facing(library.generation, bank)
        asked = {item.question.casefold() for item in bank.items}
        suggestions.waiting = [each for each in suggestions.waiting if each.text.casefold() not in asked]
        return suggestions.ready
    some, suggestions.waiting = suggestions.waiting[:_AT_ONCE], suggestions.waiting[_AT_ONCE:]
    if some:
        responses = respond(library, [Turn(question.text) for question in some])
        rows = library.encoder.encode_queries([library.generation.aliases.canonical(each.text) for each in some])
        suggestions.answered += (
            AnsweredQuestion(question.text, row, tuple((q.document, q.start, q.end) for q in response.answer.quotes))
            for question, response, row in zip(some, responses, rows, strict=True)
            if _is_answered(question, response)
        )
    return suggestions.ready


def _is_answered(question: Question, response: Response) -> bool:
    """Say whether a question gets its own answer: the golden text, or words below the heading that it is."""
    answer = response.answer
    if response.act is not Act.QUESTION or answer.outcome is not Outcome.ANSWER or not answer.quotes:
        return False
    if question.gold:
        return is_hit(question, answer, _AMONG)
    return any(quote.heading == question.text for quote in answer.quotes)


def _facing(generation: Generation, bank: Bank) -> dict[int, tuple[int, str]]:
    """Map each sentence that one side of a contrast quotes to the sentence and the name of the other side.

    The other sentences of its paragraph get the nearest one's, unless both sides are quoted there.
    """
    texts = blotted_texts(generation.texts)
    found: dict[int, tuple[int, str]] = {}
    for contrast in playable(bank, texts).contrasts:
        places = {side: locate(claim.quote, texts) for side, claim in contrast.claims.items()}
        numbers = {side: sentence_holding(generation, *place[:2]) for side, place in places.items() if place}
        for side, number in numbers.items():
            for other_side, other in numbers.items():
                if other_side != side and number is not None and other is not None and other != number:
                    found.setdefault(number, (other, bank.sides[other_side]))
    return {**_beside(generation, found), **found}


def _beside(generation: Generation, found: Mapping[int, tuple[int, str]]) -> dict[int, tuple[int, str]]:
    """Give the sentences of a paragraph the other side of the nearest sentence in it that has one."""
    by_passage: dict[int, list[int]] = {}
    for number in found:
        by_passage.setdefault(int(generation.passage_of[number]), []).append(number)
    beside = {}
    for passage, known in by_passage.items():
        if len({found[number][1] for number in known}) == 1:
            for number in range(*map(int, generation.sentence_starts[passage : passage + 2])):
                beside[number] = found[min(known, key=lambda each: abs(each - number))]
    return beside
