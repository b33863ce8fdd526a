"""Ranks the sentences of a generation for a question by fusing dense and lexical evidence."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from index.lexical import all_words, stem
from index.question import Kind, kind_of, topic_words
from index.tokens import CAUSE, DATE, NAME, NUMBER
from index.wording import ragged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from index.encoder import Encoder
    from index.generation import Generation

_DENSE = 40
_LEXICAL = 40
_CANDIDATES = 24

FEATURES = (
    "sentence_cosine",  # the question and the sentence after the one before it
    "next_cosine",  # the same of the sentence that follows, or its own at the end of a passage
    "passage_cosine",
    "sentence_bm25",  # against the best of this question's candidates
    "passage_pairs",  # shares of the question that the text holds, rare parts counting more
    "sentence_letters",
    "passage_letters",
    "sentence_asking",
    "sentence_near",
    "passage_near",
    "holds_number",  # the sentence holds what the question asks for, and the question does not say it itself
    "holds_date",
    "holds_name",
    "holds_cause",
)
EVIDENCE = (
    "sentence_cosine",  # of the best sentence, as the next four
    "passage_cosine",
    "sentence_letters",
    "passage_letters",
    "passage_near",
    "nearest_cosine",  # the highest sentence_cosine among all candidates
    "unknown",  # share of the question's words that the library does not hold in any form
)
_HOLDS = {
    Kind.NUMBER: ("holds_number", NUMBER),
    Kind.DATE: ("holds_date", DATE),
    Kind.PERSON: ("holds_name", NAME),
    Kind.PLACE: ("holds_name", NAME),
    Kind.CAUSE: ("holds_cause", CAUSE),
}


@dataclass(frozen=True, slots=True)
class Weights:
    """What was fitted: how features add up to a score, and evidence to a probability."""

    ranking: NDArray[np.float32]
    evidence: NDArray[np.float32]
    bias: float
    answer_from: float
    closest_from: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The sentences that may answer a question, best first.

    `scores` are the fitted sums, `features` [sentences, FEATURES] what they were made of, `evidence` [EVIDENCE] what
    the question and its best sentence say about whether there is an answer at all.
    """

    sentences: NDArray[np.int64]
    scores: NDArray[np.float32]
    features: NDArray[np.float32]
    evidence: NDArray[np.float32]

    def passages(self, generation: Generation) -> list[tuple[int, float]]:
        """Give the passages in the order of their best sentence, with its score."""
        passages, first = np.unique(generation.passage_of[self.sentences], return_index=True)
        order = np.argsort(first)
        return list(zip(passages[order].tolist(), self.scores[first[order]].tolist(), strict=True))


@cache
def default_weights() -> Weights:
    """Read the fitted weights that ship with the project."""
    return read_weights(json.loads(files("index").joinpath("weights.json").read_text(encoding="utf-8")))


def read_weights(content: Mapping[str, Mapping[str, float]]) -> Weights:
    """Read weights from their file's content; a feature without a weight does not count."""
    confidence = content["confidence"]
    return Weights(
        ranking=np.array([content["ranking"].get(name, 0.0) for name in FEATURES], np.float32),
        evidence=np.array([confidence.get(name, 0.0) for name in EVIDENCE], np.float32),
        bias=float(confidence["bias"]),
        answer_from=float(content["outcome"]["answer_from"]),
        closest_from=float(content["outcome"]["closest_from"]),
    )


def search(
    generation: Generation, encoder: Encoder, questions: Sequence[str], weights: Weights | None = None
) -> list[Ranking]:
    """Rank the sentences for each question; the questions are encoded together in one pass."""
    weights = weights or default_weights()
    asked = [generation.aliases.canonical(question) for question in questions]
    rows = encoder.encode_queries(asked)
    nearest_passages = generation.passage_vectors.search(rows, _DENSE)
    nearest_sentences = generation.sentence_vectors.search(rows, _DENSE)
    topics = [topic_words(question) for question in asked]
    vectors = _word_vectors(generation, encoder, topics)
    return [
        _rank(generation, weights, _question(text, row, topic, vectors), passages, sentences)
        for text, row, topic, passages, sentences in zip(
            asked, rows, topics, nearest_passages, nearest_sentences, strict=True
        )
    ]


@dataclass(frozen=True, slots=True)
class _Question:
    text: str
    row: NDArray[np.float32]
    topic: list[str]
    asking: list[str]
    topic_rows: NDArray[np.float32]


def _question(
    text: str, row: NDArray[np.float32], topic: list[str], vectors: Mapping[str, NDArray[np.float32]]
) -> _Question:
    asking = [word for word in dict.fromkeys(all_words(text)) if word not in topic]
    rows = [vectors[word] for word in topic]
    return _Question(text, row, topic, asking, np.stack(rows) if rows else np.zeros((0, len(row)), np.float32))


def _word_vectors(
    generation: Generation, encoder: Encoder, topics: Sequence[Sequence[str]]
) -> dict[str, NDArray[np.float32]]:
    wanted = list(dict.fromkeys(word for topic in topics for word in topic))
    found = generation.wording.vectors(wanted)
    unknown = [word for word in wanted if word not in found]
    found.update(zip(unknown, encoder.encode_words(unknown), strict=True))
    return found


def _rank(
    generation: Generation,
    weights: Weights,
    question: _Question,
    nearest_passages: NDArray[np.int64],
    nearest_sentences: NDArray[np.int64],
) -> Ranking:
    stems = [stem(word) for word in question.topic]
    passage_bm25 = generation.passage_words.scores(stems)
    sentence_bm25 = generation.sentence_words.scores(stems)
    pool = np.unique(
        np.concatenate(
            [
                nearest_passages,
                generation.passage_of[nearest_sentences],
                _best(passage_bm25, _LEXICAL),
                generation.passage_of[_best(sentence_bm25, _LEXICAL)],
            ]
        )
    )
    passages = _promising(generation, question.row, pool, passage_bm25, sentence_bm25)
    sentences, firsts = ragged(generation.sentence_starts, passages)
    owner = np.repeat(np.arange(len(passages)), np.diff(np.append(firsts, len(sentences))))
    features = np.zeros((len(sentences), len(FEATURES)), np.float32)
    column = {name: features[:, number] for number, name in enumerate(FEATURES)}
    cosine = generation.sentence_vectors.vectors[sentences] @ question.row
    column["sentence_cosine"][:] = cosine
    has_next = np.append(owner[1:] == owner[:-1], False)
    column["next_cosine"][:] = np.where(has_next, np.roll(cosine, -1), cosine)
    column["passage_cosine"][:] = (generation.passage_vectors.vectors[passages] @ question.row)[owner]
    column["sentence_bm25"][:] = _of_best(sentence_bm25[sentences])
    kinds = np.zeros(len(sentences), np.uint8)
    if question.topic:
        overlap = generation.wording.overlap(question.topic, question.topic_rows, question.asking, passages)
        for name in ("sentence_letters", "sentence_asking", "sentence_near"):
            column[name][:] = getattr(overlap, name)
        for name in ("passage_pairs", "passage_letters", "passage_near"):
            column[name][:] = getattr(overlap, name)[owner]
        kinds = overlap.kinds
    kind = kind_of(question.text)
    if kind in _HOLDS:
        name, bit = _HOLDS[kind]
        column[name][:] = (kinds & bit) > 0
    scores = features @ weights.ranking
    order = np.argsort(-scores, kind="stable")
    evidence = _evidence(generation, question, features[order])
    return Ranking(sentences[order], scores[order], features[order], evidence)


def _promising(
    generation: Generation,
    row: NDArray[np.float32],
    pool: NDArray[np.int64],
    passage_bm25: NDArray[np.float32],
    sentence_bm25: NDArray[np.float32],
) -> NDArray[np.int64]:
    """Keep the passages of the pool with the best plain sum of all four kinds of evidence."""
    if len(pool) <= _CANDIDATES:
        return pool
    sentences, firsts = ragged(generation.sentence_starts, pool)
    plain = generation.passage_vectors.vectors[pool] @ row
    plain = plain + np.maximum.reduceat(generation.sentence_vectors.vectors[sentences] @ row, firsts)
    plain = plain + 0.5 * _of_best(passage_bm25[pool])
    plain = plain + 0.5 * np.maximum.reduceat(_of_best(sentence_bm25[sentences]), firsts)
    return np.sort(pool[np.argsort(-plain, kind="stable")[:_CANDIDATES]])


def _evidence(generation: Generation, question: _Question, features: NDArray[np.float32]) -> NDArray[np.float32]:
    known = [generation.wording.knows(word) for word in question.topic]
    values = {
        **dict(zip(FEATURES, features[0], strict=True)),
        "nearest_cosine": features[:, FEATURES.index("sentence_cosine")].max(),
        "unknown": 1.0 - sum(known) / len(known) if known else 1.0,
    }
    return np.array([values[name] for name in EVIDENCE], np.float32)


def _best(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Number the `count` highest scores above 0, in no particular order."""
    found = np.argpartition(-scores, count)[:count] if len(scores) > count else np.arange(len(scores))
    return np.asarray(found[scores[found] > 0], dtype=np.int64)


def _of_best(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    highest = float(scores.max(initial=0.0))
    return scores / highest if highest > 0 else scores
