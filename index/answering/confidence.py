"""How likely the library answers a question, and how likely the first quote does: two numbers, one of them stated.

Whether the library answers is told by the evidence. Which sentence does is less sure the nearer its rivals come. The
stated confidence is that of the first quote, but never on the other side of a threshold than the evidence.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from index.answering.ranking import Ranking
    from index.answering.weights import Weights

_RIVALS = 15  # best sentences among which the first one has its share
_LARGEST_AHEAD = 6.9  # log-odds of the largest share that counts, 0.999
_SMALLEST_AHEAD = -3.0
_LOWEST, _BEND, _HIGHEST = -6.0, 3.0, 12.0  # logits of evidence: beyond _BEND it says less, outside nothing
# Logits of evidence between which the lead begins to count: what another document says nearly so may be far ahead too.
_FROM, _FULLY = 4.0, 8.0
_TYPICAL_AHEAD = 1.6  # mean over answerable questions of the sets that the weights are fitted on
_LARGEST_LOGIT = 60.0  # beyond it a probability is 0 or 1 to the last digit, and `exp` may overflow
_BELOW = 1e-6  # how far below a threshold the confidence stays where the evidence is below it


def evidence_logit(ranking: Ranking, weights: Weights) -> float:
    """Give the logit of the probability that the library answers, by the evidence of the ranking."""
    return float(ranking.evidence @ weights.evidence) + weights.bias


def answerable(ranking: Ranking, weights: Weights) -> float:
    """Give the probability, 0..1, that the library answers."""
    return probability(evidence_logit(ranking, weights))


def stated(ranking: Ranking, weights: Weights) -> float:
    """Give the confidence, 0..1: the probability that the first sentence answers, kept in the band of the evidence."""
    logit = evidence_logit(ranking, weights)
    found = _of_first(first_quote_inputs(logit, ahead(ranking), ranking.cross_encoded), weights)
    answer_from, closest_from = thresholds(weights)
    library = probability(logit)
    if library >= weights.answer_from:
        return max(found, answer_from)
    if library >= weights.closest_from:
        return min(max(found, closest_from), answer_from - _BELOW)
    return max(min(found, closest_from - _BELOW), 0.0)


def thresholds(weights: Weights) -> tuple[float, float]:
    """Give the confidences from which on the outcome is `answer` and `closest`.

    The thresholds of `weights` are probabilities that the library answers.
    """
    typical = (
        _of_first(first_quote_inputs(logit_of(each), _TYPICAL_AHEAD, None), weights)
        for each in (weights.answer_from, weights.closest_from)
    )
    answer_from, closest_from = typical
    return answer_from, min(closest_from, answer_from)


def ahead(ranking: Ranking) -> float:
    """Give the log-odds of the first sentence's share of exp(score) among its nearest rivals, -3..6.9."""
    scores = ranking.scores[:_RIVALS].astype(np.float64)
    others = float(np.exp(np.minimum(scores[1:] - scores[0], 0.0)).sum())
    return max(_SMALLEST_AHEAD, min(_LARGEST_AHEAD, -math.log(max(others, 1e-9))))


def share_of_best(ranking: Ranking, count: int) -> float:
    """Give the share of exp(score) that the first `count` sentences have among the nearest rivals, 0..1."""
    shares = np.exp(ranking.scores[:_RIVALS].astype(np.float64) - float(ranking.scores[0]))
    return float(shares[:count].sum() / shares.sum())


def first_quote_inputs(logit: float, ahead: float, cross_encoded: float | None) -> tuple[float, float, float, float]:
    """Give what the weights of the first quote are for.

    These are: evidence up to a bend, evidence beyond it, the lead of the first, and its log-odds by a cross-encoder, 0
    where none was asked.
    """
    inside = max(_LOWEST, min(_HIGHEST, logit))
    counts = max(0.0, min(1.0, (logit - _FROM) / (_FULLY - _FROM)))
    return (
        min(inside, _BEND),
        max(0.0, inside - _BEND),
        counts * ahead + (1 - counts) * _TYPICAL_AHEAD,
        cross_encoded or 0.0,
    )


def probability(logit: float) -> float:
    """Turn a logit into a probability."""
    return 1 / (1 + math.exp(-max(-_LARGEST_LOGIT, min(_LARGEST_LOGIT, logit))))


def logit_of(probability: float) -> float:
    """Turn a probability into a logit; 0 and 1 give finite ones."""
    inside = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(inside / (1 - inside))


def _of_first(inputs: tuple[float, float, float, float], weights: Weights) -> float:
    return probability(sum(w * x for w, x in zip(weights.first_quote, inputs, strict=True)) + weights.first_quote_bias)
