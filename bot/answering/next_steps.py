"""Chooses what can be asked next after an answer: the other side, the next main point, a question that is answered.

Runs in the worker thread with what is known already; nothing is encoded or searched for it.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.turn import NextStep, Response, StepKind
from bot.conversation.acts import Act
from index.answering.answer import Answer, Outcome, quote_sentence
from index.answering.neighbours import next_point, sentence_at
from index.text.words import stems, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.libraries.opening import Library
    from bot.libraries.suggestions import AnsweredQuestion
    from index.answering.answer import Quote

MOST_STEPS = 3
_LAST = 2  # texts that are of the last question: as it was written and as it was understood
_ARTICLES = frozenset(["the", "a", "an"])
# Cosine of a question and the quoted sentence from which they are about one subject: in one document, else.
_RELATED, _RELATED_ELSEWHERE = 0.3, 0.5


def steps_after(library: Library, answer: Answer, asked: Sequence[str]) -> tuple[NextStep, ...]:
    """Choose at most MOST_STEPS next steps after a question that is answered; none after any other outcome.

    `asked` are the texts of the conversation, which are not suggested again.
    """
    if answer.outcome is not Outcome.ANSWER:
        return ()
    return _steps(library, answer.quotes, [*asked, answer.question, answer.understood])


def steps_from(library: Library, quote: Quote) -> tuple[NextStep, ...]:
    """Choose the next steps after a quote that was shown alone; none when it is of another generation."""
    if quote.generation != library.generation.id:
        return ()
    return _steps(library, [quote], [])


def shown_alone(kind: StepKind, quote: Quote, steps: Sequence[NextStep]) -> Response:
    """Make the response that shows the quote of a next step, and what can be asked after it."""
    answer = Answer("", "", Outcome.ANSWER, 1.0, (quote,), (), (), None, quote.generation)
    return Response(Act.OVERVIEW, answer, f"next.{kind}_lead", {"name": quote.heading}, steps=tuple(steps))


def _steps(library: Library, quotes: Sequence[Quote], asked: Sequence[str]) -> tuple[NextStep, ...]:
    generation = library.generation
    number = sentence_at(generation, quotes[0].document, quotes[0].start) if quotes else None
    if number is None:
        return ()
    shown = {n for each in quotes if (n := sentence_at(generation, each.document, each.start)) is not None}
    found: list[NextStep] = []
    other, side = (library.suggestions.facing or {}).get(number, (None, ""))
    if other is not None and other not in shown and not _names(library, side, asked):
        shown.add(other)
        found.append(NextStep(StepKind.SIDE, side, _quote(library, other)))
    if (point := next_point(generation, number, shown)) is not None:
        shown.add(point)
        quote = _quote(library, point)
        is_other_part = quote.heading not in ("", quotes[0].heading)
        found.append(NextStep(StepKind.PART if is_other_part else StepKind.POINT, quote.heading, quote))
    questions = islice(_related(library, number, quotes, asked), MOST_STEPS - len(found))
    found += (NextStep(StepKind.QUESTION, question.text) for question in questions)
    return tuple(found)


def _names(library: Library, side: str, asked: Sequence[str]) -> bool:
    """Say whether the question names a side itself: then that one is not the other side."""
    said = {stem for text in asked[-_LAST:] for stem in stems(library.generation.aliases.canonical(text))}
    return {stem for stem in stems(side) if stem not in _ARTICLES} <= said


def _quote(library: Library, number: int) -> Quote:
    return quote_sentence(library.generation.id, library.generation.sentence(number), score=1.0)


def _related(
    library: Library, number: int, quotes: Sequence[Quote], asked: Sequence[str]
) -> Iterator[AnsweredQuestion]:
    """Yield the answered questions nearest to a sentence whose answers say something new, the nearest first."""
    known = library.suggestions.answered
    if not known:
        return
    document = quotes[0].document
    nearness = np.stack([each.row for each in known]) @ library.generation.sentence_vectors.vectors[number]
    least = np.array([_RELATED if each.quoted[0][0] == document else _RELATED_ELSEWHERE for each in known])
    seen = {(quote.document, quote.start, quote.end) for quote in quotes}
    said = {tuple(words(text)) for text in (*asked, *(quote.heading for quote in quotes))}
    for place in np.argsort(-nearness, kind="stable"):
        question = known[int(place)]
        is_new = question.quoted[0] not in seen and tuple(words(question.text)) not in said
        if is_new and nearness[place] >= least[place]:
            seen.add(question.quoted[0])
            yield question
