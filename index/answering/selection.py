"""Decides what to say: which sentences to quote, and whether they answer the question at all."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import chain, compress, islice
from typing import TYPE_CHECKING

from index.answering.answer import Answer, Asked, Outcome, PassageHit, quote_sentence
from index.answering.by_words import is_read, rank_by_words
from index.answering.confidence import answerable, stated, thresholds
from index.answering.contradiction import agreeing_first
from index.answering.definition import defined_term, definitions_first, uses
from index.answering.facing import facing_sentences
from index.answering.follow_up import follow_up, fused
from index.answering.named import Named, named_in
from index.answering.question import comparison_in
from index.answering.ranking import search
from index.answering.reranker import reranked
from index.answering.rescoring import rescore_close
from index.answering.same_document import favour_documents
from index.answering.several import joined, questions_in
from index.answering.weights import default_weights
from index.documents.decoding import without_surrogates
from index.documents.language import language_of
from index.generations.narrowing import of_documents
from index.text.words import all_words, stop_words, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from index.answering.question import Comparison
    from index.answering.ranking import Ranking
    from index.answering.reranker import Reranker
    from index.answering.weights import Weights
    from index.generations.generation import Generation
    from index.models.encoder import Encoder

_QUOTES = 3
_MORE = 5
_PASSAGES = 10
_CLOSEST_SHARE = 0.3  # of a question's words, from which passages found by words alone are shown


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
    parts = [questions_in(asked) for asked in questions]
    answers = iter(_each(generation, encoder, [*chain.from_iterable(parts)], weights, reranker))
    own = [[*islice(answers, len(asked))] for asked in parts]
    return [found[0] if len(found) == 1 else joined(asked, found) for asked, found in zip(questions, own, strict=True)]


def _each(
    generation: Generation, encoder: Encoder, questions: Sequence[Asked], weights: Weights, reranker: Reranker | None
) -> list[Answer]:
    read = [is_read(generation, encoder, without_surrogates(asked.text)) for asked in questions]
    by_evidence = iter(_within_named(generation, encoder, [*compress(questions, read)], weights, reranker))
    return [
        _unless_unread(generation, encoder, next(by_evidence))
        if encoder_reads
        else _by_words(generation, weights, asked.text)
        for asked, encoder_reads in zip(questions, read, strict=True)
    ]


def _within_named(
    generation: Generation, encoder: Encoder, questions: Sequence[Asked], weights: Weights, reranker: Reranker | None
) -> list[Answer]:
    """Answer from all documents together; a question that names some from these, unless they come first anyway."""
    named = [named_in(generation, without_surrogates(asked.text)) for asked in questions]
    open_ones = [each is None or not each.is_certain for each in named]
    from_all = iter(_by_evidence(generation, encoder, [*compress(questions, open_ones)], weights, reranker))
    answers: list[Answer] = []
    for asked, each, is_open in zip(questions, named, open_ones, strict=True):
        if is_open:
            answers.append(next(from_all))
        if each is None or (is_open and _quotes_first(answers[-1], each)):
            continue
        if is_open:
            answers.pop()
        answers.append(_from_named(generation, encoder, asked, each, weights, reranker))
    return answers


def _quotes_first(answer: Answer, named: Named) -> bool:
    return bool(answer.quotes) and answer.quotes[0].document in named.documents


def _from_named(
    generation: Generation, encoder: Encoder, asked: Asked, named: Named, weights: Weights, reranker: Reranker | None
) -> Answer:
    if named.absent:
        return _not_covered(generation, asked.text, absent=named.absent)
    inside = Asked(named.question, asked.history)
    [found] = _by_evidence(of_documents(generation, named.documents), encoder, [inside], weights, reranker)
    understood = asked.text if found.understood == named.question else found.understood
    return replace(found, question=asked.text, understood=understood)


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
    before = [each.before for each in read if each.before]
    rankings = iter(search(generation, encoder, [*texts, *before, *of_sides], weights))
    main = [[*islice(rankings, len(each.readings))] for each in read]
    earlier = [next(rankings) if each.before else None for each in read]
    both = [
        fused(each, found, [answerable(one, weights) for one in found], generation)
        for each, found in zip(read, main, strict=True)
    ]
    understood, chosen = [text for text, _ in both], [ranking for _, ranking in both]
    chosen = rescore_close(generation, encoder.cross_encoder, understood, chosen, weights)
    answers: list[Answer] = []
    for asked, text, ranking, past, comparison in zip(questions, understood, chosen, earlier, comparisons, strict=True):
        confidence = stated(ranking, weights)  # fitted to scores without these two
        if past is not None:
            ranking = favour_documents(ranking, past, generation)
        if reranker is not None:
            ranking = reranked(ranking, generation, text, reranker)
        facing: Sequence[tuple[int, float, str]] = ()
        if comparison is not None:
            facing = facing_sentences(generation, comparison, ranking, (next(rankings), next(rankings)))
        answers.append(
            _decided(generation, weights, asked.text, text, ranking, comparison, facing, confidence=confidence)
        )
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
    """Turn `answer` into `closest` where the first quote is in a language that the encoder does not read.

    A document may hold several languages; its own counts where that of the quote is not clear.
    """
    if not encoder.languages or answer.outcome is not Outcome.ANSWER or not answer.quotes:
        return answer
    quote = answer.quotes[0]
    language = generation.texts.document(quote.document).language
    if language not in encoder.languages or not _is_plainly(quote.text, language):
        language = language_of(quote.text) or language
    return replace(answer, outcome=Outcome.CLOSEST) if language and language not in encoder.languages else answer


def _is_plainly(text: str, language: str) -> bool:
    """Return whether a quarter of the words are small words of a language: told much faster than any language."""
    said, small = all_words(text), stop_words(language)
    return 4 * sum(word in small for word in said) >= len(said) > 0


def _calibrated(generation: Generation) -> Weights:
    fitted = generation.calibration
    if fitted is None:
        return default_weights()
    return replace(default_weights(), answer_from=fitted.answer_from, closest_from=fitted.closest_from)


def _decided(
    generation: Generation,
    weights: Weights,
    question: str,
    understood: str,
    ranking: Ranking,
    comparison: Comparison | None,
    facing: Sequence[tuple[int, float, str]],
    *,
    confidence: float,
) -> Answer:
    """Quote the facing sentences and then the best others, and judge by the confidence whether they answer."""
    shown = {number for number, _, _ in facing}
    ranked: Iterable[tuple[int, float]] = ranking.self_contained(generation)
    if term := defined_term(understood):
        ranked = definitions_first(ranked, generation, term)
    ranked, contradicted = (ranked, False) if facing else agreeing_first(ranked, generation, understood)
    ranked = [*islice(ranked, len(shown) + _QUOTES + _MORE)]
    closest_from = thresholds(weights)[1]
    sure = min(confidence, closest_from) if contradicted else confidence
    if term and ranked and uses(generation, generation.sentence(ranked[0][0]).text, term):
        sure = max(sure, closest_from)  # it may not say what the word means, but it shows how it is used
    best = float(ranking.scores[0])

    def probability(distance: float) -> float:
        """Turn the distance of a score from the best one, at most 0, into a probability."""
        return sure * math.exp(min(0.0, distance))

    others = ((number, score - best, None) for number, score in ranked if number not in shown)
    quotes = tuple(
        quote_sentence(generation.id, generation.sentence(number), score=probability(distance), side=side)
        for number, distance, side in islice(chain(facing, others), _QUOTES + _MORE)
    )
    nothing_asked = not words(understood)
    return Answer(
        question=question,
        understood=understood,
        outcome=Outcome.NOT_COVERED if nothing_asked else _outcome(sure, weights),
        confidence=0.0 if nothing_asked else sure,
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
    answer_from, closest_from = thresholds(weights)
    if confidence >= answer_from:
        return Outcome.ANSWER
    return Outcome.CLOSEST if confidence >= closest_from else Outcome.NOT_COVERED
