"""Ranks the sentences of a generation for a question by fusing dense and lexical evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.answering.heading_words import gains_of_heading_words
from index.answering.question import AnswerType, kind_of, language_asked, question_words, topic_words
from index.answering.weights import EVIDENCE, FEATURES, Weights, default_weights
from index.indexes.overlap import ragged
from index.text.noise import mended
from index.text.tokens import DATE, NAME, NUMBER, TOKEN
from index.text.words import all_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from index.generations.generation import Generation
    from index.models.encoder import Encoder, InContext

_DENSE = 40  # nearest passages, and nearest sentences, of which the passages become candidates
_LEXICAL = 40  # best passages, and best sentences, by BM25
_CANDIDATES = 24  # passages whose sentences are ranked
_BESIDE = 0.5  # log-odds: a sentence so far below the best one of its passage counts 1/e of the best one

_HOLDS = {
    AnswerType.NUMBER: ("holds_number", NUMBER),
    AnswerType.DATE: ("holds_date", DATE),
    AnswerType.PERSON: ("holds_name", NAME),
    AnswerType.PLACE: ("holds_name", NAME),
}


_UNREADABLE = math.log(2)  # cost of mojibake in log-odds: a readable sentence half as likely goes first


@dataclass(frozen=True, slots=True)
class Ranking:
    """The candidate sentences of a question, best first.

    `sentences` and `scores` (log-odds, higher is better) are [n], `features` [n, FEATURES] is what the scores are
    weighted sums of, besides `heading_gains` [n], what headings give, and what a cross-encoder says. `evidence`
    [EVIDENCE] is what the probability of an answer is computed from. `cross_encoded` are the log-odds that a
    cross-encoder gives the first sentence; None where it was not asked.
    """

    sentences: NDArray[np.int64]
    scores: NDArray[np.float32]
    features: NDArray[np.float32]
    evidence: NDArray[np.float32]
    heading_gains: NDArray[np.float32] | None = None
    cross_encoded: float | None = None

    def self_contained(self, generation: Generation) -> Iterator[tuple[int, float]]:
        """Yield number and score of the sentences that read alone, best first, no text twice.

        A sentence with mojibake comes after all others that are half as likely to answer or more.
        """
        said: set[str] = set()
        for number, score in self._unreadable_later(generation):
            sentence = generation.sentence(number)
            text = mended(sentence.text)
            if text not in said and sentence.is_self_contained:
                said.add(text)
                yield number, score

    def _unreadable_later(self, generation: Generation) -> Iterator[tuple[int, float]]:
        waiting: list[tuple[int, float]] = []
        for number, score in zip(self.sentences.tolist(), self.scores.tolist(), strict=True):
            while waiting and waiting[0][1] > score:
                yield waiting.pop(0)
            if generation.sentence(number).is_readable:
                yield number, score
            else:
                waiting.append((number, score - _UNREADABLE))
        yield from waiting

    def passages(self, generation: Generation) -> list[tuple[int, float]]:
        """Give the passages, best first, each with the score of its best sentence and a little for every near one."""
        passages, own = np.unique(generation.passage_of[self.sentences], return_inverse=True)
        best = float(self.scores[0])
        mass = np.bincount(own, np.exp((self.scores.astype(np.float64) - best) / _BESIDE))
        # A score so low that nothing is left of it may be any of the lowest.
        scores = best + _BESIDE * np.log(np.maximum(mass, np.finfo(np.float64).tiny))
        order = np.argsort(-scores, kind="stable")
        return list(zip(passages[order].tolist(), scores[order].tolist(), strict=True))


# BLAS kernels may raise the flag of an invalid number for lanes of the processor that hold none of theirs; what goes
# in here are unit rows and counts, and what comes out is finite.
@np.errstate(invalid="ignore")
def search(
    generation: Generation, encoder: Encoder, questions: Sequence[str], weights: Weights | None = None
) -> list[Ranking]:
    """Rank the sentences for each question, in the order of the questions, which are encoded in one pass."""
    weights = weights or default_weights()
    asked = [generation.aliases.canonical(question) for question in questions]
    read = encoder.encode_in_context(asked, asked=True)
    rows = np.array([found.row for found in read], np.float32).reshape(len(read), encoder.dimension)
    nearest_passages = generation.passage_vectors.search(rows, _DENSE)
    nearest_sentences = generation.sentence_vectors.search(rows, _DENSE)
    languages = generation.lexical_overlap.languages
    parsed = [_question(text, found, language_asked(text, languages)) for text, found in zip(asked, read, strict=True)]
    candidates = [
        _candidates(generation, question, passages, sentences)
        for question, passages, sentences in zip(parsed, nearest_passages, nearest_sentences, strict=True)
    ]
    nearest = generation.late_interaction.nearest(
        [question.word_rows for question in parsed], [each.passages for each in candidates]
    )
    return [
        _rank(generation, weights, question, found, of_words)
        for question, found, of_words in zip(parsed, candidates, nearest, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Question:
    text: str
    language: str
    row: NDArray[np.float32]
    words: list[str]
    word_rows: NDArray[np.float32]
    topic: list[str]
    asking: list[str]


def _question(text: str, read: InContext, language: str) -> _Question:
    topic = topic_words(text, language)
    asking = [word for word in dict.fromkeys(all_words(text)) if word not in topic]
    said = [word.lower() for word in TOKEN.findall(text)]
    return _Question(text, language, read.row, said, read.words, topic, asking)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """What is scored for a question: passages, ascending, with all their sentences, and what has chosen them.

    `firsts` are the places of the first sentence of each passage, `owner` the place of each sentence's passage, and
    `gains` what each passage gains for its heading. `best_bm25` is the highest score of all passages.
    """

    passages: NDArray[np.int64]
    sentences: NDArray[np.int64]
    firsts: NDArray[np.int64]
    owner: NDArray[np.int64]
    passage_cosine: NDArray[np.float32]
    sentence_cosine: NDArray[np.float32]
    sentence_bm25: NDArray[np.float32]
    gains: NDArray[np.float32]
    best_bm25: float


def _candidates(
    generation: Generation,
    question: _Question,
    nearest_passages: NDArray[np.int64],
    nearest_sentences: NDArray[np.int64],
) -> _Candidates:
    """Choose the `_CANDIDATES` passages with the best sum of cosines and of halved, scaled BM25 scores.

    Those below headings that are like the question are added.
    """
    stems = generation.lexical_overlap.stems_of(question.topic)
    passage_bm25, sentence_bm25 = generation.passage_words.scores(stems), generation.sentence_words.scores(stems)
    proposed = np.unique(
        np.concatenate(
            [
                nearest_passages,
                generation.passage_of[nearest_sentences],
                _best(passage_bm25, _LEXICAL),
                generation.passage_of[_best(sentence_bm25, _LEXICAL)],
            ]
        )
    )
    below_headings, gains = generation.headings.nearest(question.row)
    pool = np.union1d(proposed, below_headings)
    sentences, firsts = ragged(generation.sentence_starts, pool)
    passage_cosine = generation.passage_vectors.vectors[pool] @ question.row
    sentence_cosine = generation.sentence_vectors.vectors[sentences] @ question.row
    of_sentences = sentence_bm25[sentences]
    plain = passage_cosine + np.maximum.reduceat(sentence_cosine, firsts)
    plain += 0.5 * _of_best(passage_bm25[pool]) + 0.5 * np.maximum.reduceat(_of_best(of_sentences), firsts)
    kept, places = np.zeros(len(pool), np.bool_), np.searchsorted(pool, proposed)
    kept[places[np.argsort(-plain[places], kind="stable")[:_CANDIDATES]]] = True
    kept[np.searchsorted(pool, below_headings)] = True
    lengths = np.diff(np.append(firsts, len(sentences)))
    inside, lengths = np.repeat(kept, lengths), lengths[kept]
    return _Candidates(
        passages=pool[kept],
        sentences=sentences[inside],
        firsts=np.cumsum(lengths) - lengths,
        owner=np.repeat(np.arange(len(lengths)), lengths),
        passage_cosine=passage_cosine[kept],
        sentence_cosine=sentence_cosine[inside],
        sentence_bm25=of_sentences[inside],
        gains=gains[pool[kept]],
        best_bm25=float(passage_bm25.max()) / math.log1p(len(passage_bm25)),
    )


def _rank(
    generation: Generation,
    weights: Weights,
    question: _Question,
    found: _Candidates,
    nearest: NDArray[np.float32],
) -> Ranking:
    """Score the candidate sentences; `nearest` is how near each comes to each word of the question."""
    features = np.zeros((len(found.sentences), len(FEATURES)), np.float32)
    column = {name: features[:, number] for number, name in enumerate(FEATURES)}
    column["passage_cosine"][:] = found.passage_cosine[found.owner]
    column["sentence_bm25"][:] = _of_best(found.sentence_bm25)
    kinds = np.zeros(len(found.sentences), np.uint8)
    by_heading = found.gains[found.owner]
    if question.topic:
        overlap = generation.lexical_overlap.overlap(question.topic, question.asking, found.passages)
        column["sentence_asking"][:] = overlap.sentence_asking
        column["passage_pairs"][:] = overlap.passage_pairs[found.owner]
        column["passage_letters"][:] = overlap.passage_letters[found.owner]
        by_heading += gains_of_heading_words(generation, question.topic, found.passages)
        kinds = overlap.kinds
    if question.words:
        whole = np.maximum.reduceat(nearest, found.firsts, axis=0).mean(axis=1)
        column["passage_context"][:] = whole[found.owner]
        names = ("context_topic", "context_asking", "context_question")
        for name, counts in zip(names, _word_weights(generation, question), strict=True):
            column[name][:] = nearest @ counts
    kind = kind_of(question.text, question.language)
    if kind in _HOLDS:
        name, bit = _HOLDS[kind]
        column[name][:] = (kinds & bit) > 0
    plain = features @ weights.ranking
    # Not of the best sentence by its heading: "Treatment" stands above what the library says of other illnesses too.
    best = int(np.argmax(plain))
    evidence = _evidence(generation, question, found, features[best], float(found.sentence_cosine[best]))
    scores = plain + by_heading
    order = np.argsort(-scores, kind="stable")
    return Ranking(found.sentences[order], scores[order], features[order], evidence, by_heading[order])


def _word_weights(generation: Generation, question: _Question) -> list[NDArray[np.float32]]:
    """Weight the words of the question, [words] in sum 1: topic words by rarity; words of asking; the asking word."""
    of_topic = np.array([word in question.topic for word in question.words])
    rarity = np.array([generation.lexical_overlap.rarity(word) for word in question.words]) * of_topic
    asking = 1.0 - of_topic if not of_topic.all() else np.ones(len(question.words))
    opening = question_words(question.language)
    first = next((place for place, word in enumerate(question.words) if word in opening), None)
    asks = asking if first is None else np.eye(len(question.words))[first]
    return [(counts / max(counts.sum(), 1e-6)).astype(np.float32) for counts in (rarity, asking, asks)]


def _evidence(
    generation: Generation,
    question: _Question,
    found: _Candidates,
    best: NDArray[np.float32],
    cosine: float,
) -> NDArray[np.float32]:
    """Compute the evidence, [EVIDENCE], from the best sentence's features and cosine and from all candidates."""
    known = [generation.lexical_overlap.knows(word) for word in question.topic]
    values = {
        **dict(zip(FEATURES, best, strict=True)),
        "sentence_cosine": cosine,
        "nearest_cosine": float(found.sentence_cosine.max()),
        "unknown": 1.0 - sum(known) / len(known) if known else 1.0,
        "passage_bm25": found.best_bm25,
    }
    return np.array([values[name] for name in EVIDENCE], np.float32)


def _best(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Give the indices of the `count` highest scores above 0, in no particular order."""
    found = np.flatnonzero(scores > 0)  # a few of many, which to part costs next to nothing
    if len(found) > count:
        found = found[np.argpartition(-scores[found], count)[:count]]
    return np.asarray(found, dtype=np.int64)


def _of_best(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    highest = float(scores.max(initial=0.0))
    return scores / highest if highest > 0 else scores
