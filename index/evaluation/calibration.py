"""Fits the confidence thresholds of one library, on questions made from it and on shipped questions about other things.

A threshold is the confidence from which on the library answers. Confidences are compared as logits, ln(p / (1 - p)).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from index.answering.answer import Asked
from index.answering.by_words import reads_library
from index.answering.selection import answer
from index.answering.weights import default_weights
from index.evaluation import held_out
from index.evaluation.synthetic import Degree, made_of
from index.generations.records import Calibration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.answering.answer import Answer
    from index.evaluation.synthetic import Synthetic
    from index.generations.generation import Generation
    from index.models.encoder import Encoder

MOST = 160  # questions for one calibration
_ANSWERABLE, _OTHER_THINGS = 0.4, 0.4  # shares of all questions; the rest are near misses
# In turn; chosen so that their confidence is distributed like that of people's questions (`tests.bench calibration`).
_DEGREES = (Degree(0.9, 4), Degree(0.2, 2))
# In logits: how much higher the confidence in people's unanswerable questions reaches than in ours. Measured on the
# articles of `make fit`, at the 90th and 95th percentile.
_LIFT_OF_OTHER_THINGS, _LIFT_OF_NEAR_MISSES = 1.5, 1.0
_NEAR_MISSES_COUNT = 0.25  # weight of near misses among the false answers; the rest is that of other things
_FALSE_ANSWER_COSTS = 2.0  # missed answers; at this price the default threshold is the best on those articles
_SMOOTH = 0.6  # logits; the threshold must not depend on where a single question falls
_PULL = 3.0  # cost of one squared logit away from the default, divided by the number of questions
_FARTHEST = 1.0  # logits from the default
_FEWEST = 20  # questions of each sort, below which the default thresholds stand

_Kinds: TypeAlias = "Sequence[tuple[float, NDArray[np.float64]]]"
"""Weight and logits of each kind of unanswerable questions, kinds without a question left out."""


def calibrate(generation: Generation, encoder: Encoder, *, most: int = MOST) -> Calibration:
    """Ask a library at most `most` questions of known outcome and fit its thresholds. Deterministic.

    Both thresholds move by the same step, at most 1 logit, and by less the fewer questions there are. A library in a
    language that the encoder does not read is asked nothing: no threshold makes its quotes an answer.
    """
    weights = default_weights()
    if not reads_library(generation, encoder):
        return Calibration(weights.answer_from, weights.closest_from, 0.0, 0.0, 0.0, 0, 0, fitted=False)
    made = made_of(generation, range(len(generation.sentences)), int(_ANSWERABLE * most), _DEGREES)
    found = _ask(generation, encoder, [question.text for question in made])
    right = np.array([_right(question, given) for question, given in zip(made, found, strict=True)], bool)
    answerable = _logits(found)
    other = _logits(_ask(generation, encoder, held_out.about_other_things(generation, int(_OTHER_THINGS * most))))
    near = _near_misses(generation, encoder, most - int(_ANSWERABLE * most) - int(_OTHER_THINGS * most))
    kinds = ((1 - _NEAR_MISSES_COUNT, other + _LIFT_OF_OTHER_THINGS), (_NEAR_MISSES_COUNT, near + _LIFT_OF_NEAR_MISSES))
    unanswerable = [(weight, logits) for weight, logits in kinds if len(logits)]
    fewest = min(len(answerable), len(other) + len(near))
    answer_from, closest_from = weights.answer_from, weights.closest_from
    if fewest >= _FEWEST:
        step = _best_step(answerable, unanswerable, _logit(answer_from), _PULL / fewest)
        answer_from, closest_from = (_probability(_logit(default) + step) for default in (answer_from, closest_from))
    answered = answerable >= _logit(answer_from)
    return Calibration(
        answer_from=answer_from,
        closest_from=closest_from,
        precision=_share(right[answered]),
        coverage=_share(answered),
        false_answers=_share_above(unanswerable, _logit(answer_from), 0.0),
        answerable=len(answerable),
        unanswerable=len(other) + len(near),
        fitted=fewest >= _FEWEST,
    )


def _best_step(answerable: NDArray[np.float64], unanswerable: _Kinds, default: float, pull: float) -> float:
    """Return the step in logits of least cost: missed answers, false answers, and distance from the default."""

    def cost(step: float) -> float:
        missed = float(_step(default + step - answerable, _SMOOTH).mean())
        return missed + _FALSE_ANSWER_COSTS * _share_above(unanswerable, default + step, _SMOOTH) + pull * step**2

    steps = np.linspace(-_FARTHEST, _FARTHEST, 41).tolist()
    return float(min(steps, key=lambda step: (cost(step), abs(step))))


def _share_above(kinds: _Kinds, logit: float, smooth: float) -> float:
    """Return the weighted share of questions above a logit; the number of questions of a kind does not count."""
    total = sum(weight for weight, _ in kinds)
    return (
        sum(weight * float(_step(logits - logit, smooth).mean()) for weight, logits in kinds) / total if kinds else 0.0
    )


def _step(logits: NDArray[np.float64], smooth: float) -> NDArray[np.float64]:
    """Return 1 where a logit is at least 0, else 0; with `smooth` a logistic curve of that width."""
    return (logits >= 0).astype(np.float64) if smooth == 0 else 1 / (1 + np.exp(-logits / smooth))


def _near_misses(generation: Generation, encoder: Encoder, most: int) -> NDArray[np.float64]:
    asked = held_out.near_misses(generation, most, _DEGREES)
    return np.concatenate([np.zeros(0), *(_logits(_ask(view, encoder, questions)) for view, questions in asked)])


def _ask(generation: Generation, encoder: Encoder, questions: Sequence[str]) -> list[Answer]:
    return answer(generation, encoder, [Asked(question) for question in questions], default_weights())


def _right(question: Synthetic, found: Answer) -> bool:
    return bool(found.quotes) and question.answer.casefold() in found.quotes[0].text.casefold()


def _logits(found: Sequence[Answer]) -> NDArray[np.float64]:
    return np.array([_logit(given.confidence) for given in found], np.float64)


def _logit(probability: float) -> float:
    inside = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(inside / (1 - inside))


def _probability(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def _share(truths: NDArray[np.bool_]) -> float:
    return float(truths.mean()) if len(truths) else 0.0
