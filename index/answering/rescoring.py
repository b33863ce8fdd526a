"""Scores the best sentences again with a cross-encoder, where it is likely to change which one is first.

That costs several times what encoding the question does. A sentence that is far ahead stays first nearly always, and
where many sentences are as near as the best four, the right one is mostly not among these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from index.answering.confidence import ahead, share_of_best
from index.models.cross_encoder import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from index.answering.ranking import Ranking
    from index.answering.weights import Weights
    from index.generations.generation import Generation
    from index.models.cross_encoder import CrossEncoder

_SENTENCES = 4  # of each question
_FAR_AHEAD = 0.5  # log-odds of the first sentence's share among its rivals, from which on nothing is scored again
_FEW = 0.45  # share of the sentences that are read among their rivals, below which nothing is scored again
_BY_HEADING = 1.0  # log-odds: more than that between what headings give to the best sentences, and these decide
_LARGEST = 8.0  # log-odds of the cross-encoder that count
_NEIGHBOUR = 300  # characters: the longest sentence before or after that is read with it


def rescore_close(
    generation: Generation,
    cross_encoder: CrossEncoder | None,
    questions: Sequence[str],
    rankings: Sequence[Ranking],
    weights: Weights,
) -> list[Ranking]:
    """Score the best sentences again of each ranking that it may change; all in one pass, in order."""
    if cross_encoder is None:
        return list(rankings)
    odds = log_odds_of_best(generation, cross_encoder, questions, rankings)
    return [rescored(ranking, found, weights) for ranking, found in zip(rankings, odds, strict=True)]


def log_odds_of_best(
    generation: Generation, cross_encoder: CrossEncoder, questions: Sequence[str], rankings: Sequence[Ranking]
) -> list[dict[int, float]]:
    """Give what the cross-encoder says of each sentence that it reads, by its number, for each ranking; -8..8."""
    windows = [[*_windows(generation, ranking)] if _is_between_few(ranking) else [] for ranking in rankings]
    pairs = [
        window.pair(generation, question) for question, own in zip(questions, windows, strict=True) for window in own
    ]
    odds = iter(cross_encoder.log_odds(pairs) if pairs else [])
    return [
        {
            number: max(-_LARGEST, min(_LARGEST, float(said)))
            for window in own
            for number, said in zip(window.read, next(odds), strict=True)
        }
        for own in windows
    ]


def rescored(ranking: Ranking, odds: dict[int, float], weights: Weights) -> Ranking:
    """Add log-odds of sentences to the scores; a sentence without any counts as the worst of those with them."""
    if not odds:
        return ranking
    added: NDArray[np.float32] = np.full(len(ranking.sentences), min(odds.values()), np.float32)
    for number, said in odds.items():
        added[ranking.sentences == number] = said
    scores = ranking.scores + weights.cross_score * added
    order = np.argsort(-scores, kind="stable")
    return replace(
        ranking,
        sentences=ranking.sentences[order],
        scores=scores[order],
        features=ranking.features[order],
        heading_gains=None,
        cross_encoded=float(added[order[0]]),
    )


@dataclass(frozen=True, slots=True)
class _Window:
    """Sentences of a passage, from the first to the last one; `read` are those that are asked about."""

    first: int
    last: int
    read: tuple[int, ...]

    def pair(self, generation: Generation, question: str) -> Pair:
        start, end = generation.sentences[self.first].start, generation.sentences[self.last].end
        asked = [generation.sentences[number] for number in self.read]
        text = generation.sentence(self.first).document.text[start:end]
        return Pair(question, text, tuple((each.start - start, each.end - start) for each in asked))


def _is_between_few(ranking: Ranking) -> bool:
    """Return whether the first sentence is likely one of the few that are read, and no other sign says which."""
    if ahead(ranking) >= _FAR_AHEAD or _is_by_heading(ranking):
        return False
    return share_of_best(ranking, _SENTENCES) >= _FEW


def _is_by_heading(ranking: Ranking) -> bool:
    """Return whether headings tell the best sentences apart: a cross-encoder does not read them."""
    gains = ranking.heading_gains
    return gains is not None and float(np.ptp(gains[:_SENTENCES])) > _BY_HEADING


def _windows(generation: Generation, ranking: Ranking) -> Iterator[_Window]:
    """Yield the best sentences, each between its neighbours; windows that share a sentence are one."""
    best = sorted(number for number, _ in islice(ranking.self_contained(generation), _SENTENCES))
    open_one: _Window | None = None
    for number in best:
        first = number - 1 if _is_read_too(generation, number - 1, number) else number
        last = number + 1 if _is_read_too(generation, number + 1, number) else number
        if open_one is not None and first <= open_one.last and _same_passage(generation, number, open_one.last):
            open_one = _Window(open_one.first, last, (*open_one.read, number))
            continue
        if open_one is not None:
            yield open_one
        open_one = _Window(first, last, (number,))
    if open_one is not None:
        yield open_one


def _is_read_too(generation: Generation, other: int, number: int) -> bool:
    if not 0 <= other < len(generation.sentences) or not _same_passage(generation, other, number):
        return False
    return generation.sentences[other].end - generation.sentences[other].start <= _NEIGHBOUR


def _same_passage(generation: Generation, one: int, other: int) -> bool:
    return bool(generation.passage_of[one] == generation.passage_of[other])
