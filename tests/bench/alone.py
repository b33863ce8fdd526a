"""Scores all passages of a library by one kind of evidence at a time: what the fitted sum has to be better than."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.answering.question import topic_words
from index.text.words import stem
from tests.bench.asking import gold_range

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from index.generations.generation import Generation
    from index.models.encoder import Encoder
    from tests.bench.squad import Question

CHANNELS = ("dense passages alone", "dense sentences alone", "BM25 passages alone", "BM25 sentences alone", "plain sum")


def channels(
    generation: Generation, encoder: Encoder, questions: Sequence[str]
) -> Iterator[dict[str, NDArray[np.float32]]]:
    """Give for each question the scores of all passages by each of CHANNELS: float32 [passages].

    Cosines and BM25 as the search has them: canonical words, topic words alone for BM25; a passage's best sentence
    counts. The plain sum gives BM25, against the best of this question, half the weight of cosine, as the search does
    when it chooses candidates.
    """
    asked = [generation.aliases.canonical(question) for question in questions]
    firsts = generation.sentence_starts[:-1]
    for text, read in zip(asked, encoder.encode_in_context(asked, asked=True), strict=True):
        stems = [stem(word) for word in topic_words(text)]
        passage_bm25 = generation.passage_words.scores(stems)
        sentence_bm25 = generation.sentence_words.scores(stems)
        values = (
            generation.passage_vectors.vectors @ read.row,
            np.maximum.reduceat(generation.sentence_vectors.vectors @ read.row, firsts),
            passage_bm25,
            np.maximum.reduceat(sentence_bm25, firsts),
        )
        yield dict(zip(CHANNELS, (*values, plain_sum(*values)), strict=True))


def plain_sum(
    passage_cosine: NDArray[np.float32],
    sentence_cosine: NDArray[np.float32],
    passage_bm25: NDArray[np.float32],
    sentence_bm25: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Add the four up, each [passages]."""
    shares = (scores / max(float(scores.max(initial=0.0)), 1e-12) for scores in (passage_bm25, sentence_bm25))
    return np.asarray(passage_cosine + sentence_cosine + 0.5 * sum(shares), np.float32)


def gold_passages(generation: Generation, question: Question, sources: Mapping[str, str]) -> frozenset[int]:
    """Number the passages that overlap the paragraph that a question was asked of."""
    document, gold = f"{question.article}.txt", gold_range(question, sources)
    return frozenset(
        number
        for number, passage in enumerate(generation.passages)
        if passage.document == document and passage.start < gold.stop and gold.start < passage.end
    )
