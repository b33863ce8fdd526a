"""Ranks by words alone, for questions and libraries in languages that the encoder does not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.answering.question import language_asked, topic_words
from index.answering.ranking import Ranking
from index.answering.weights import EVIDENCE, FEATURES
from index.documents.language import language_of
from index.indexes.overlap import ragged
from index.text.tokens import TOKEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.generations.generation import Generation
    from index.models.encoder import Encoder

_CANDIDATES = 24  # passages whose sentences are ranked
_SCALE = 4.0  # log-odds between a candidate with all that the best one has and one with nothing


def reads_library(generation: Generation, encoder: Encoder) -> bool:
    """Return whether the encoder reads the language of most documents, as far as that is clear."""
    return not encoder.languages or not generation.language or generation.language in encoder.languages


def is_read(generation: Generation, encoder: Encoder, question: str) -> bool:
    """Return whether the encoder reads the question, and the language of most documents.

    A question in ASCII is taken for one that it reads while it reads every document.
    """
    if not encoder.languages:
        return True
    if not reads_library(generation, encoder):
        return False
    if question.isascii() and generation.languages <= encoder.languages:
        return True
    language = language_of(question)
    if language:
        return language in encoder.languages
    letters = [char for char in question if char.isalpha()]
    return 2 * sum(char.isascii() for char in letters) >= len(letters)


def rank_by_words(generation: Generation, question: str) -> tuple[Ranking, float] | None:
    """Rank by BM25 of sentences and of their passages and by shared letters; None when no word is in the library.

    Also give the share, 0..1, of the question that the best passage holds, rare words counting more.
    """
    asked = generation.aliases.canonical(question)
    overlap = generation.lexical_overlap
    topic = topic_words(asked, language_asked(asked, overlap.languages))
    stems = overlap.stems_of(topic)
    each = [generation.passage_words.scores(overlap.stems_of([word])) for word in topic]
    most = [float(scores.max(initial=0.0)) for scores in each]
    if not any(most):
        return None
    of_passages = generation.passage_words.scores(stems)
    passages = np.flatnonzero(of_passages > 0)
    passages = np.sort(passages[np.argsort(-of_passages[passages], kind="stable")[:_CANDIDATES]])
    sentences, _ = ragged(generation.sentence_starts, passages)
    of_sentences = generation.sentence_words.scores(stems)[sentences]
    owner = generation.passage_of[sentences]
    written = list(dict.fromkeys(word.lower() for word in TOKEN.findall(asked)))
    letters = overlap.overlap(written, [], passages).passage_letters
    of_letters = letters[np.searchsorted(passages, owner)]
    scores = _SCALE / 3 * (_of_best(of_passages[owner]) + _of_best(of_sentences) + _of_best(of_letters))
    order = np.argsort(-scores, kind="stable")
    known = sum(score > 0 for score in most) / len(topic)
    ranking = Ranking(
        sentences[order],
        scores[order],
        np.zeros((len(order), len(FEATURES)), np.float32),
        np.zeros(len(EVIDENCE), np.float32),
    )
    return ranking, known * float(of_passages[owner[order[0]]]) / sum(most)


def _of_best(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    return scores / max(float(scores.max(initial=0.0)), 1e-6)
