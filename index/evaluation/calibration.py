"""Fits to each library from which confidence on it answers, on questions made out of it and on questions held out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.answering.answer import Asked, answer
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

MOST = 160
_ANSWERABLE, _OTHER_THINGS = 0.4, 0.4  # shares of all questions; the rest are near misses
# In turn; chosen so that their confidence is distributed like that of people's questions (`tests.bench calibration`).
_DEGREES = (Degree(0.9, 4), Degree(0.2, 2))
# How much higher the logits of people's unanswerable questions reach than those of ours: measured on the articles of
# `make fit`, at the nine in ten and nineteen in twenty.
_LIFT_OF_OTHER_THINGS, _LIFT_OF_NEAR_MISSES = 1.5, 1.0
_NEAR_MISSES_COUNT = 0.25  # the rest of the false answers' weight is that of questions about other things
_FALSE_ANSWER_COSTS = 2.0  # in missed answers: at this price the default threshold is the best on those articles
_SMOOTH = 0.6  # in logits; a threshold must not depend on where a single question happens to fall
_PULL = 3.0  # towards the default, against the number of questions
_FARTHEST = 1.0  # in logits
_FEWEST = 20


def calibrate(generation: Generation, encoder: Encoder, *, most: int = MOST) -> Calibration:
    """Ask a library at most `most` questions of known outcome and move its thresholds by what comes out.

    The same generation gives the same thresholds. Both move by the same step in logits, at most 1, and the less the
    fewer questions there are.
    """
    made = made_of(generation, range(len(generation.sentences)), int(_ANSWERABLE * most), _DEGREES)
    found = _ask(generation, encoder, [question.text for question in made])
    right = np.array([_right(question, given) for question, given in zip(made, found, strict=True)], bool)
    answerable = _logits(found)
    other = _logits(_ask(generation, encoder, held_out.about_other_things(generation, int(_OTHER_THINGS * most))))
    near = _near_misses(generation, encoder, most - int(_ANSWERABLE * most) - int(_OTHER_THINGS * most))
    unanswerable = _Unanswerable(other + _LIFT_OF_OTHER_THINGS, near + _LIFT_OF_NEAR_MISSES)
    fitted = min(len(answerable), unanswerable.count) >= _FEWEST
    weights = default_weights()
    step = _best_step(answerable, unanswerable, _logit(weights.answer_from)) if fitted else 0.0
    answer_from = weights.answer_from if not fitted else _probability(_logit(weights.answer_from) + step)
    closest_from = weights.closest_from if not fitted else _probability(_logit(weights.closest_from) + step)
    answered = answerable >= _logit(answer_from)
    return Calibration(
        answer_from=answer_from,
        closest_from=closest_from,
        precision=_share(right[answered]),
        coverage=_share(answered),
        false_answers=unanswerable.above(_logit(answer_from), 0.0),
        answerable=len(answerable),
        unanswerable=unanswerable.count,
        fitted=fitted,
    )


@dataclass(frozen=True, slots=True)
class _Unanswerable:
    """Logits of the confidence in questions without an answer, as high as people's would be."""

    other_things: NDArray[np.float64]
    near_misses: NDArray[np.float64]

    @property
    def count(self) -> int:
        return len(self.other_things) + len(self.near_misses)

    def above(self, logit: float, smooth: float) -> float:
        """Give the share above a logit, the kinds weighing what they weigh however many there are of each."""
        shares = [
            (weight, float(_step(logits - logit, smooth).mean()))
            for weight, logits in (
                (1 - _NEAR_MISSES_COUNT, self.other_things),
                (_NEAR_MISSES_COUNT, self.near_misses),
            )
            if len(logits)
        ]
        total = sum(weight for weight, _ in shares)
        return sum(weight * share for weight, share in shares) / total if shares else 0.0


def _best_step(answerable: NDArray[np.float64], unanswerable: _Unanswerable, default: float) -> float:
    """Weigh missed against false answers, and the distance from the default, on a fixed grid of steps."""
    pull = _PULL / min(len(answerable), unanswerable.count)

    def cost(step: float) -> float:
        missed = float(_step(default + step - answerable, _SMOOTH).mean())
        return missed + _FALSE_ANSWER_COSTS * unanswerable.above(default + step, _SMOOTH) + pull * step**2

    steps = np.linspace(-_FARTHEST, _FARTHEST, 41).tolist()
    return float(min(steps, key=lambda step: (cost(step), abs(step))))


def _step(logits: NDArray[np.float64], smooth: float) -> NDArray[np.float64]:
    """Give 1 for what is at least 0 and 0 for the rest, or a slope between them."""
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
