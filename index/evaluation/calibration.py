"""Fits the confidence thresholds of one library, on questions made from it and on shipped questions about other things.

A threshold is the probability, by the evidence, from which on the library answers. Probabilities are compared as
logits, ln(p / (1 - p)). What the exam promises is the share of questions about hidden documents that get an answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from index.answering.by_words import reads_library
from index.answering.confidence import evidence_logit, logit_of, probability
from index.answering.ranking import search
from index.answering.weights import default_weights
from index.evaluation import held_out
from index.evaluation.synthetic import Degree, made_of
from index.generations.records import Calibration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.answering.ranking import Ranking
    from index.evaluation.synthetic import Synthetic
    from index.generations.generation import Generation
    from index.models.encoder import Encoder

MOST = 160  # questions for one calibration
_ANSWERABLE, _OTHER_THINGS = 0.35, 0.15  # shares of all questions; the rest are near misses
# In turn; chosen so that the evidence is distributed as for people's questions: to what a library answers
# (`python -m tests.bench calibration`), and to what stands in documents left out (`python -m tests.bench domains`).
_DEGREES = (Degree(0.9, 4), Degree(0.2, 2))
_OF_HIDDEN = (Degree(0.5, 0), Degree(0.5, 0, common=True), Degree(0.5, 0, common=True))
# In logits: how much higher the evidence reaches for people's questions about other things than for ours. Measured on
# the articles of `make fit`, at the 90th and 95th percentile.
_LIFT_OF_OTHER_THINGS = 1.5
_NEAR_MISSES_COUNT = 0.6  # weight of near misses among the false answers; the rest is that of other things
_FALSE_ANSWER_COSTS = 2.0  # missed answers; at this price the default threshold is the best on those articles
_SMOOTH = 0.6  # logits; the threshold must not depend on where a single question falls
_PULL = 3.0  # cost of one squared logit away from the default, divided by the number of questions
_FARTHEST = 1.5  # logits from the default
_LOOKED_AT = 10  # best sentences among which a copy of a hidden one is found
_FEWEST = 20  # questions of each sort, below which the default thresholds stand

_Kinds: TypeAlias = "Sequence[tuple[float, NDArray[np.float64]]]"
"""Weight and logits of each kind of unanswerable questions, kinds without a question left out."""


def calibrate(generation: Generation, encoder: Encoder, *, most: int = MOST) -> Calibration:
    """Ask a library at most `most` questions of known outcome and fit its thresholds. Deterministic.

    Both thresholds move by the same step, at most 1.5 logits, and by less the fewer questions there are. A library in a
    language that the encoder does not read is asked nothing: no threshold makes its quotes an answer.
    """
    weights = default_weights()
    if not reads_library(generation, encoder):
        return Calibration(weights.answer_from, weights.closest_from, 0.0, 0.0, 0.0, 0, 0, fitted=False)
    made = made_of(generation, range(len(generation.sentences)), int(_ANSWERABLE * most), _DEGREES)
    found = _ask(generation, encoder, [question.text for question in made])
    right = np.array([_right(generation, *pair) for pair in zip(made, found, strict=True)], bool)
    answerable = _logits(found)
    other = _logits(_ask(generation, encoder, held_out.about_other_things(generation, int(_OTHER_THINGS * most))))
    near = _near_misses(generation, encoder, most - int(_ANSWERABLE * most) - int(_OTHER_THINGS * most))
    kinds = ((1 - _NEAR_MISSES_COUNT, other + _LIFT_OF_OTHER_THINGS), (_NEAR_MISSES_COUNT, near))
    unanswerable = [(weight, logits) for weight, logits in kinds if len(logits)]
    fewest = min(len(answerable), len(other) + len(near))
    answer_from, closest_from = weights.answer_from, weights.closest_from
    if fewest >= _FEWEST:
        step = _best_step(answerable, unanswerable, logit_of(answer_from), _PULL / fewest)
        answer_from, closest_from = (probability(logit_of(default) + step) for default in (answer_from, closest_from))
    answered = answerable >= logit_of(answer_from)
    return Calibration(
        answer_from=answer_from,
        closest_from=closest_from,
        precision=_share(right[answered]),
        coverage=_share(answered),
        false_answers=_share_above(unanswerable[-1:], logit_of(answer_from), 0.0),
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
    """Ask for what stands in hidden documents, and leave out what another document says in nearly the same words."""
    logits = [np.zeros(0)]
    for view, made in held_out.near_misses(generation, most, _OF_HIDDEN):
        found = _ask(view, encoder, [question.text for question in made])
        missed = [
            not held_out.says_the_same(generation, question.sentence, ranking.sentences[:_LOOKED_AT].tolist())
            for question, (ranking, _) in zip(made, found, strict=True)
        ]
        logits.append(_logits(found)[np.array(missed, bool)])
    return np.concatenate(logits)


def _ask(generation: Generation, encoder: Encoder, questions: Sequence[str]) -> list[tuple[Ranking, float]]:
    """Rank the sentences for each question; with each ranking goes the logit of its evidence."""
    weights = default_weights()
    return [(found, evidence_logit(found, weights)) for found in search(generation, encoder, questions, weights)]


def _right(generation: Generation, question: Synthetic, found: tuple[Ranking, float]) -> bool:
    first = next((number for number, _ in found[0].self_contained(generation)), None)
    return first is not None and question.answer.casefold() in generation.sentence(first).text.casefold()


def _logits(found: Sequence[tuple[Ranking, float]]) -> NDArray[np.float64]:
    return np.array([logit for _, logit in found], np.float64)


def _share(truths: NDArray[np.bool_]) -> float:
    return float(truths.mean()) if len(truths) else 0.0
