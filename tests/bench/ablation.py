"""Measures what each part of the search adds, and what each finds alone.

Weights are fitted anew for every ablation, each article's questions with weights of the other articles: a feature taken
away under weights that were fitted with it says nothing. "whole" is measured just so. The candidates stay those of the
shipped search, so what is left out of the sum may still have helped to find them. A comparison counts by its best
sentence, not by the facing quotes that are made of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from unittest import mock

import numpy as np

from bot.libraries.opening import load_encoder
from bot.libraries.rebuild import SEEDS, aliases_file
from bot.settings import Settings
from index.answering.ranking import Ranking, search
from index.answering.weights import FEATURES
from index.documents.document import read_sources
from index.evaluation.metrics import measure, read_questions
from index.generations import build as builder
from index.generations import generation as generations
from index.text.noise import Aliases, read_aliases
from index.text.passages import split
from index.text.quotable import library_sentences
from tests.bench import squad
from tests.bench.alone import CHANNELS, channels, gold_passages
from tests.bench.asking import holds_answer, sources_of
from tests.bench.clauses import Clauses
from tests.bench.fit import Remembering, Sample, listwise, sample
from tests.bench.metrics import difference, estimate, hit, reciprocal_rank
from tests.bench.quality import folder
from tests.bench.results import Row, Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from index.documents.document import Document
    from index.generations.generation import Generation
    from index.models.encoder import Encoder
    from index.text.noise import Mark
    from index.text.passages import Passage
    from tests.bench.metrics import Estimate
    from tests.bench.results import Found
    from tests.bench.squad import Article, Question

_QUESTIONS = Path("tests/essay_questions.json")
Measures: TypeAlias = "dict[str, NDArray[np.float64]]"  # by name, each in the order of the questions
# By how the names of their features begin.
_WITHOUT = {
    "dense passages": ("passage_cosine",),
    "word contexts": ("context_", "passage_context"),
    "BM25 sentences": ("sentence_bm25",),
    "wording": ("passage_pairs", "passage_letters", "sentence_asking"),
    "kind of answer": ("holds_",),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its ranking, and which of its candidates can be quoted and which of these hold an answer."""

    question: Question
    ranking: Ranking
    sample: Sample
    self_contained: NDArray[np.bool_]
    holds: NDArray[np.bool_]
    gold: frozenset[int]
    """Numbers of the passages that overlap the gold paragraph."""


def rows() -> Iterator[Found]:
    """Take away one part after the other, then use each alone, then do without aliases and headings on the essay."""
    encoder = Remembering(load_encoder(Settings(_env_file=None)))
    try:
        articles = squad.read()
    except SystemExit as absent:
        yield Row("ablation", str(absent))
    else:
        generation = squad.library(articles, folder() / "squad", encoder, Aliases({}))
        asked = _ask(generation, encoder, articles)
        scores = _refitted(asked, FEATURES)
        whole = _measured(generation, asked, scores)
        for name, values in whole.items():
            yield Row(f"whole, weights of the other articles: {name} ({len(asked)})", str(estimate(values)))
        yield from _without_parts(generation, asked, whole)
        by_best = _measured(generation, asked, scores, by_best_sentence=True)
        for name in ("hit@1", "hit@5", "MRR@10"):
            change = difference(by_best[name], whole[name])
            yield Row(f"passages by their best sentence alone: {name}, difference", str(change))
        yield from _with_clauses(Clauses(generation, encoder), generation, asked, whole)
        yield from _alone(generation, encoder, asked, whole)
    yield from _essay(encoder)


def _ask(generation: Generation, encoder: Encoder, articles: Sequence[Article]) -> list[Asked]:
    questions = [question for article in articles for question in article.questions if question.answers]
    sources = sources_of(articles)
    rankings = search(generation, encoder, [question.text for question in questions])
    sentences = [*library_sentences(generation.texts.documents, generation.texts.passages)]
    self_contained = np.array([sentence.is_self_contained for sentence in sentences])
    return [
        Asked(
            question=question,
            ranking=ranking,
            sample=sample(generation, question, ranking),
            self_contained=self_contained[ranking.sentences],
            holds=np.array([holds_answer(question, sentences[number].text) for number in ranking.sentences]),
            gold=gold_passages(generation, question, sources),
        )
        for question, ranking in zip(questions, rankings, strict=True)
    ]


def _without_parts(generation: Generation, asked: Sequence[Asked], whole: Measures) -> Iterator[Found]:
    quotes = {}
    for part, prefixes in _WITHOUT.items():
        kept = [name for name in FEATURES if not name.startswith(prefixes)]
        found = _measured(generation, asked, _refitted(asked, kept))
        changes = {name: difference(values, whole[name]) for name, values in found.items()}
        yield from (Row(f"without {part}: {name}, difference", str(change)) for name, change in changes.items())
        quotes[f"without {part}"] = changes["quote@1"]
    yield _series("ablation", "difference", quotes)


def _series(name: str, value: str, estimates: Mapping[str, Estimate]) -> Series:
    columns: dict[str, list[Any]] = {
        "name": [*estimates],
        value: [round(each.value, 4) for each in estimates.values()],
        "low": [round(each.low, 4) for each in estimates.values()],
        "high": [round(each.high, 4) for each in estimates.values()],
    }
    return Series(name, columns)


def _refitted(asked: Sequence[Asked], kept: Sequence[str]) -> list[NDArray[np.float32]]:
    """Score each question's candidates by some features, with weights of the articles it is not about."""
    places = [FEATURES.index(name) for name in kept]
    return _fitted([replace(each.sample, features=each.sample.features[:, places]) for each in asked])


def _fitted(samples: Sequence[Sample]) -> list[NDArray[np.float32]]:
    weights = {
        title: listwise([other for other in samples if other.article != title])
        for title in dict.fromkeys(each.article for each in samples)
    }
    return [np.asarray(each.features @ weights[each.article], np.float32) for each in samples]


def _with_clauses(clauses: Clauses, generation: Generation, asked: Sequence[Asked], whole: Measures) -> Iterator[Row]:
    """Add to each sentence's evidence that of its best clause; then quote of a long sentence its best clause alone."""
    near = [clauses.nearness(each.question.text, each.ranking.sentences) for each in asked]
    topic = [np.array([clause[:, 0].max() for clause in own], np.float32) for own in near]
    samples = [
        replace(each.sample, features=np.column_stack([each.sample.features, column]))
        for each, column in zip(asked, topic, strict=True)
    ]
    found = _measured(generation, asked, _fitted(samples))
    yield Row("with the best clause's topic: quote@1, difference", str(difference(found["quote@1"], whole["quote@1"])))
    change, of_sentence, of_clause = [], [], []
    for each, own in zip(asked, near, strict=True):
        first = int(np.argmax(each.self_contained))
        number = int(each.ranking.sentences[first])
        clause = clauses.best(number, own[first])
        change.append(float(holds_answer(each.question, clause)) - float(each.holds[first]))
        of_sentence.append(generation.sentences[number].end - generation.sentences[number].start)
        of_clause.append(len(clause))
    yield Row("quoting of a long sentence its best clause alone: quote@1, difference", str(estimate(change)))
    yield Row(
        "  characters of the first quote: sentence, clause", f"{np.mean(of_sentence):.0f}, {np.mean(of_clause):.0f}"
    )


def _measured(
    generation: Generation,
    asked: Sequence[Asked],
    scores: Sequence[NDArray[np.float32]],
    *,
    by_best_sentence: bool = False,
) -> Measures:
    quoted, ranks = [], []
    for each, own in zip(asked, scores, strict=True):
        order = np.argsort(-own, kind="stable")
        quotes = order[each.self_contained[order]]
        quoted.append(float(len(quotes) > 0 and each.holds[quotes[0]]))
        ordered = replace(each.ranking, sentences=each.ranking.sentences[order], scores=own[order])
        if by_best_sentence:
            passages = [*dict.fromkeys(generation.passage_of[ordered.sentences].tolist())]
        else:
            passages = [number for number, _ in ordered.passages(generation)]
        ranks.append(first_of(each.gold, passages))
    return {"quote@1": np.array(quoted), **_places(ranks)}


def _places(ranks: Sequence[float]) -> Measures:
    return {"hit@1": hit(ranks, 1), "hit@5": hit(ranks, 5), "MRR@10": reciprocal_rank(ranks)}


def first_of(gold: frozenset[int], ranked: Sequence[int]) -> float:
    """Give the place, from 1, of the first of what is right; infinity when none is there."""
    return next((float(place) for place, number in enumerate(ranked, 1) if number in gold), np.inf)


def _alone(generation: Generation, encoder: Encoder, asked: Sequence[Asked], whole: Measures) -> Iterator[Found]:
    """Rank all passages, not only candidates, by one kind of evidence and by the plain sum of the four."""
    ranks: dict[str, list[float]] = {name: [] for name in CHANNELS}
    questions = [each.question.text for each in asked]
    for each, by_channel in zip(asked, channels(generation, encoder, questions), strict=True):
        for name, scores in by_channel.items():
            ranks[name].append(first_of(each.gold, np.argsort(-scores, kind="stable").tolist()))
    first = {}
    for name, places in ranks.items():
        found = _places(places)
        yield from (Row(f"{name}: {measure}", str(estimate(values))) for measure, values in found.items())
        yield Row(f"{name}: hit@1, difference", str(difference(found["hit@1"], whole["hit@1"])))
        first[name] = estimate(found["hit@1"])
    yield _series("alone", "value", first)


def _essay(encoder: Encoder) -> Iterator[Row]:
    """Index the essay as it ships, without aliases, and without headings beside what is encoded of a passage."""
    questions = read_questions(json.loads(_QUESTIONS.read_text(encoding="utf-8")))
    documents, _ = read_sources([SEEDS])
    shipped = read_aliases(aliases_file(Settings(_env_file=None)))
    for name, aliases, headings in (
        ("whole", shipped, True),
        ("without aliases", Aliases({}), True),
        ("without headings", shipped, False),
    ):
        data = folder() / "essays" / name.replace(" ", "-")
        with mock.patch.object(builder, "split", split if headings else _without_headings):
            report = builder.build(
                documents, data=data, encoder=encoder, aliases=aliases, built_at="2026-01-01T00:00:00+00:00"
            )
        found = measure(generations.load(data, report.generation), encoder, questions)
        yield Row(
            f"essay, {name}: quote@1, quote@3, answerable of {found.answerable} answered",
            f"{found.quote_at_1}, {found.quote_at_3}, {found.answered}",
        )


def _without_headings(document: Document, marks: Sequence[Mark]) -> tuple[Passage, ...]:
    return tuple(replace(passage, heading="") for passage in split(document, marks))
