"""Decides what to say: which sentences to quote, and whether they answer the question at all."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, compress, islice
from typing import TYPE_CHECKING

import numpy as np

from index.answering.by_words import is_read, rank_by_words
from index.answering.definition import defined_term, definitions_first
from index.answering.facing import facing_sentences
from index.answering.follow_up import follow_up, fused
from index.answering.named import named_in
from index.answering.question import comparison_in
from index.answering.ranking import search
from index.answering.reranker import reranked
from index.answering.weights import default_weights
from index.documents.decoding import without_surrogates
from index.generations.narrowing import without
from index.text.quotable import LibrarySentence
from index.text.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from index.answering.question import Comparison
    from index.answering.ranking import Ranking
    from index.answering.reranker import Reranker
    from index.answering.weights import Weights
    from index.generations.generation import Generation
    from index.generations.texts import Texts
    from index.models.encoder import Encoder

_QUOTES = 3
_MORE = 5
_PASSAGES = 10
_CLOSEST_SHARE = 0.3  # of a question's words, from which passages found by words alone are shown
_LARGEST_LOGIT = 60.0  # beyond it the confidence is 0 or 1 to the last digit, and `exp` may overflow


class Outcome(StrEnum):
    """What a person is told about the quotes."""

    ANSWER = "answer"
    CLOSEST = "closest"
    NOT_COVERED = "not_covered"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a document, exact to the character: `text == source_text[start:end]`.

    `document` is an id in the generation with the id `generation`. `score` is how likely these words answer, 0..1;
    `sha256` is that of the text; `paragraph` counts from 1, and so does `page`, None where the document has no pages.
    """

    text: str
    generation: str
    document: str
    title: str
    start: int
    end: int
    sha256: str
    score: float
    paragraph: int
    heading: str
    side: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage that was found; `score` is 0..1, higher for a better match."""

    document: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what the same person asked before it in the same place, oldest first."""

    text: str
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The quotes and the outcome for one question.

    `quotes` are the best, best first (in a comparison: one for each side, then the best of the rest), whatever the
    outcome: what shows them must also show the outcome. `more` are the next ones. `confidence` is 0..1. `absent` is a
    document that the question names and the library does not hold.
    """

    question: str
    understood: str
    outcome: Outcome
    confidence: float
    quotes: tuple[Quote, ...]
    more: tuple[Quote, ...]
    passages: tuple[PassageHit, ...]
    sides: tuple[str, str] | None
    generation: str
    absent: str = ""


def answer(
    generation: Generation,
    encoder: Encoder,
    questions: Sequence[Asked],
    weights: Weights | None = None,
    reranker: Reranker | None = None,
) -> list[Answer]:
    """Answer questions together, in order: everything that has to be encoded for them is encoded in one pass.

    Without `weights` the outcome follows the thresholds that were calibrated for this library, if any were.
    """
    weights = weights or _calibrated(generation)
    read = [is_read(generation, encoder, without_surrogates(asked.text)) for asked in questions]
    by_evidence = iter(_within_named(generation, encoder, [*compress(questions, read)], weights, reranker))
    return [
        _unless_unread(generation, encoder, next(by_evidence))
        if is_read
        else _by_words(generation, weights, asked.text)
        for asked, is_read in zip(questions, read, strict=True)
    ]


def _within_named(
    generation: Generation, encoder: Encoder, questions: Sequence[Asked], weights: Weights, reranker: Reranker | None
) -> list[Answer]:
    """Answer a question that names documents from these alone; the others together from all."""
    named = [named_in(generation, without_surrogates(asked.text)) for asked in questions]
    rest = [asked for asked, each in zip(questions, named, strict=True) if each is None]
    from_all = iter(_by_evidence(generation, encoder, rest, weights, reranker) if rest else [])
    answers: list[Answer] = []
    for asked, each in zip(questions, named, strict=True):
        if each is None:
            answers.append(next(from_all))
        elif each.absent:
            answers.append(_not_covered(generation, asked.text, absent=each.absent))
        else:
            hidden = np.array([passage.document not in each.documents for passage in generation.passages], bool)
            view, inside = without(generation, hidden), Asked(each.question, asked.history)
            [found] = _by_evidence(view, encoder, [inside], weights, reranker)
            understood = asked.text if found.understood == each.question else found.understood
            answers.append(replace(found, question=asked.text, understood=understood))
    return answers


def _not_covered(generation: Generation, question: str, *, absent: str = "") -> Answer:
    return Answer(question, question, Outcome.NOT_COVERED, 0.0, (), (), (), None, generation.id, absent)


def _by_evidence(
    generation: Generation,
    encoder: Encoder,
    questions: Sequence[Asked],
    weights: Weights,
    reranker: Reranker | None,
) -> list[Answer]:
    read = [
        follow_up(without_surrogates(asked.text), [*map(without_surrogates, asked.history)], encoder)
        for asked in questions
    ]
    comparisons = [comparison_in(each.alone) for each in read]
    of_sides = [f"{each.topic} {side}".strip() for each in comparisons if each for side in (each.first, each.second)]
    texts = [text for each in read for text in each.readings]
    rankings = iter(search(generation, encoder, [*texts, *of_sides], weights))
    main = [[*islice(rankings, len(each.readings))] for each in read]
    answers: list[Answer] = []
    for asked, each, found, comparison in zip(questions, read, main, comparisons, strict=True):
        text, ranking = fused(each, found, [_confidence(one, weights) for one in found], generation)
        if reranker is not None:
            ranking = reranked(ranking, generation, text, reranker)
        facing: Sequence[tuple[int, float, str]] = ()
        if comparison is not None:
            facing = facing_sentences(generation, comparison, ranking, (next(rankings), next(rankings)))
        answers.append(_decided(generation, weights, asked.text, text, ranking, comparison, facing))
    return answers


def _by_words(generation: Generation, weights: Weights, question: str) -> Answer:
    """Answer by the words of a question alone: never more than `closest`, as without a meaning nothing is sure."""
    found = rank_by_words(generation, without_surrogates(question))
    if found is None:
        return _not_covered(generation, question)
    ranking, share = found
    decided = _decided(generation, weights, question, question, ranking, None, (), confidence=share / 2)
    return replace(decided, outcome=Outcome.CLOSEST if share >= _CLOSEST_SHARE else Outcome.NOT_COVERED)


def _unless_unread(generation: Generation, encoder: Encoder, answer: Answer) -> Answer:
    """Turn `answer` into `closest` where the first quote is of a document that the encoder does not read."""
    if not encoder.languages or answer.outcome is not Outcome.ANSWER:
        return answer
    language = generation.texts.document(answer.quotes[0].document).language if answer.quotes else ""
    return replace(answer, outcome=Outcome.CLOSEST) if language and language not in encoder.languages else answer


def _calibrated(generation: Generation) -> Weights:
    fitted = generation.calibration
    if fitted is None:
        return default_weights()
    return replace(default_weights(), answer_from=fitted.answer_from, closest_from=fitted.closest_from)


def _confidence(ranking: Ranking, weights: Weights) -> float:
    """Give the probability, 0..1, that the best sentences answer, by the evidence of the ranking."""
    logit = float(ranking.evidence @ weights.evidence) + weights.bias
    return 1 / (1 + math.exp(-max(-_LARGEST_LOGIT, min(_LARGEST_LOGIT, logit))))


def _decided(
    generation: Generation,
    weights: Weights,
    question: str,
    understood: str,
    ranking: Ranking,
    comparison: Comparison | None,
    facing: Sequence[tuple[int, float, str]],
    *,
    confidence: float | None = None,
) -> Answer:
    """Quote the facing sentences and then the best others, and judge by the evidence whether they answer.

    Without a `confidence` it is computed from the evidence.
    """
    confidence = _confidence(ranking, weights) if confidence is None else confidence
    best = float(ranking.scores[0])

    def probability(distance: float) -> float:
        """Turn the distance of a score from the best one, at most 0, into a probability."""
        return confidence * math.exp(min(0.0, distance))

    shown = {number for number, _, _ in facing}
    ranked: Iterable[tuple[int, float]] = ranking.self_contained(generation)
    if term := defined_term(understood):
        ranked = definitions_first(ranked, generation, term)
    others = ((number, score - best, None) for number, score in ranked if number not in shown)
    quotes = tuple(
        quote_sentence(generation.id, generation.sentence(number), score=probability(distance), side=side)
        for number, distance, side in islice(chain(facing, others), _QUOTES + _MORE)
    )
    nothing_asked = not words(understood)
    return Answer(
        question=question,
        understood=understood,
        outcome=Outcome.NOT_COVERED if nothing_asked else _outcome(confidence, weights),
        confidence=0.0 if nothing_asked else confidence,
        quotes=quotes[:_QUOTES],
        more=quotes[_QUOTES:],
        passages=tuple(
            PassageHit(passage.document, passage.start, passage.end, probability(score - best))
            for number, score in ranking.passages(generation)[:_PASSAGES]
            for passage in [generation.passages[number]]
        ),
        sides=(comparison.first, comparison.second) if comparison is not None and facing else None,
        generation=generation.id,
    )


def _outcome(confidence: float, weights: Weights) -> Outcome:
    if confidence >= weights.answer_from:
        return Outcome.ANSWER
    return Outcome.CLOSEST if confidence >= weights.closest_from else Outcome.NOT_COVERED


def quote_at(texts: Texts, document_id: str, start: int, end: int) -> Quote:
    """Quote a place of a document, with no score; raises GenerationError when it is not in the library."""
    index = texts.passage_index_at(document_id, start)
    sentence = LibrarySentence(texts.document(document_id), texts.passages[index], index, start, end)
    return quote_sentence(texts.manifest.generation, sentence)


def quote_sentence(generation: str, sentence: LibrarySentence, *, score: float = 0.0, side: str | None = None) -> Quote:
    """Quote a sentence; `generation` is the id of the generation it is of."""
    return Quote(
        text=sentence.text,
        generation=generation,
        document=sentence.document.id,
        title=sentence.document.title,
        start=sentence.start,
        end=sentence.end,
        sha256=hashlib.sha256(sentence.text.encode()).hexdigest(),
        score=score,
        paragraph=sentence.passage.number,
        heading=sentence.heading,
        side=side,
        page=sentence.document.page_at(sentence.start),
    )
