"""Asks people's questions of a library and says at which place what is right came: parts of the benchmarks share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.answering.answer import Asked
from index.answering.selection import answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.answering.answer import Answer
    from index.generations.generation import Generation
    from index.models.encoder import Encoder
    from tests.bench.squad import Article, Question

_TOGETHER = 32


def answers_to(generation: Generation, encoder: Encoder, asked: Sequence[Asked]) -> list[Answer]:
    """Answer questions in their order, some at a time."""
    batches = (asked[first : first + _TOGETHER] for first in range(0, len(asked), _TOGETHER))
    return [found for batch in batches for found in answer(generation, encoder, batch)]


def sources_of(articles: Sequence[Article]) -> dict[str, str]:
    """Give the text of each document that the articles become."""
    return {article.document: article.text for article in articles}


def gold_range(question: Question, sources: Mapping[str, str]) -> range:
    """Give the code points of the paragraph that a question was asked of, in its document."""
    start = sources[f"{question.article}.txt"].index(question.paragraph)
    return range(start, start + len(question.paragraph))


def passage_rank(question: Question, found: Answer, sources: Mapping[str, str]) -> float:
    """Give the place, from 1, of the first passage that overlaps the gold paragraph; infinity when none does."""
    document, gold = f"{question.article}.txt", gold_range(question, sources)
    places = (
        place
        for place, passage in enumerate(found.passages, 1)
        if passage.document == document and passage.start < gold.stop and gold.start < passage.end
    )
    return next(places, np.inf)


def quote_rank(question: Question, found: Answer) -> float:
    """Give the place, from 1, of the first quote that holds a gold answer; infinity when none does."""
    places = (place for place, quote in enumerate(found.quotes, 1) if holds_answer(question, quote.text))
    return next(places, np.inf)


def holds_answer(question: Question, text: str) -> bool:
    """Say whether a text holds one of the answers that people marked, in whatever case."""
    folded = text.casefold()
    return any(gold.casefold() in folded for gold in question.answers)


def not_verbatim(answers: Sequence[Answer], sources: Mapping[str, str]) -> int:
    """Count quotes that are not what stands at their place of the source."""
    quotes = (quote for found in answers for quote in (*found.quotes, *found.more))
    return sum(quote.text != sources[quote.document][quote.start : quote.end] for quote in quotes)
