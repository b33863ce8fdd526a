"""Orders the best sentences anew with a model that reads the question and a sentence together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from index.answering.ranking import Ranking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.generations.generation import Generation

_READ = 20  # sentences of each question; each costs as much as encoding it


class Reranker(Protocol):
    """What the search asks of a model that reads two texts at once."""

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Say how well each text answers the question, in log-odds: float32 [n]."""


def reranked(ranking: Ranking, generation: Generation, question: str, reranker: Reranker) -> Ranking:
    """Add the model's log-odds to the fitted scores of the best sentences, which are log-odds too.

    Sentences beyond those it reads count as the worst of them. Whether there is an answer at all is still judged by
    the evidence of the ranking it was given: the thresholds were fitted to that.
    """
    read = ranking.sentences[:_READ]
    logits = reranker.scores(question, [_in_context(generation, int(number)) for number in read])
    added = np.full(len(ranking.sentences), logits.min(), np.float32)
    added[: len(read)] = logits
    scores = ranking.scores + added - logits.max()
    order = np.argsort(-scores, kind="stable")
    return Ranking(ranking.sentences[order], scores[order], ranking.features[order], ranking.evidence)


def _in_context(generation: Generation, number: int) -> str:
    """Give a sentence after the one before it in its passage, which often says whom it is about."""
    sentence = generation.sentence(number)
    has_previous = number > 0 and generation.passage_of[number - 1] == sentence.passage_index
    start = generation.sentences[number - 1].start if has_previous else sentence.start
    return sentence.document.text[start : sentence.end]
