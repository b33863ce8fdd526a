"""Fits how likely the first quote answers, on passages of five sets whose licences allow weights that ship.

`make fit` calls this; `python -m tests.bench.fit_first_quote` fits these weights alone. None of the sets is one that
`tests.bench domains` measures, and only questions about documents that the cross-encoder was not trained on are asked.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from index.answering.answer import Asked
from index.answering.confidence import ahead, evidence_logit, first_quote_inputs
from index.answering.ranking import search
from index.answering.rescoring import rescore_close
from index.answering.weights import default_weights
from index.generations.narrowing import without
from index.models.encoder import SentenceTransformerEncoder
from tests.bench import sets
from tests.bench.asking import answers_to
from tests.bench.cross_encoder_items import held_out_questions
from tests.bench.quality import folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.answering.ranking import Ranking
    from index.answering.weights import Weights
    from index.generations.generation import Generation
    from index.models.encoder import Encoder

SETS = (
    "squad2-other-articles",
    "onestopqa",
    "molweni-test",
    "squadshifts-new-wiki",
    "squadshifts-amazon-reviews",
)
_WEIGHTS = Path("index/answering/weights.json")
_QUESTIONS = 350  # of each set, chosen at random
# Weights of all on-topic unanswerable questions of a set and of all those of documents left out, against 1.
_UNANSWERABLE, _LEFT_OUT = 0.5, 1.0
_RIDGE = 1e-4


@dataclass(frozen=True, slots=True)
class Samples:
    """Inputs [questions, 4], whether the first quote answers, and how much each question counts."""

    inputs: NDArray[np.float64]
    right: NDArray[np.bool_]
    counts: NDArray[np.float64]


def main() -> None:
    """Fit, print each set left out, and write the weights into their file."""
    content = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    content["first_quote"] = fit_first_quote(SentenceTransformerEncoder(), default_weights())
    _WEIGHTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def fit_first_quote(encoder: Encoder, weights: Weights) -> dict[str, float]:
    """Fit on all sets and print, for each one left out, the mean probability and the share that is right."""
    samples = {name: _samples(name, encoder, weights) for name in SETS}
    for left_out, rest in samples.items():
        fitted = _logistic([each for name, each in samples.items() if name != left_out])
        stated = _probabilities(rest.inputs, fitted)
        sure = stated >= np.quantile(stated, 0.9)
        print(
            f"left out {left_out:28s} stated {np.average(stated, weights=rest.counts):.3f} "
            f"right {np.average(rest.right, weights=rest.counts):.3f} "
            f"surest tenth: stated {stated[sure].mean():.3f} right {rest.right[sure].mean():.3f}",
            flush=True,
        )
    fitted = _logistic([*samples.values()])
    names = ("evidence", "evidence_beyond", "ahead", "cross_encoder", "bias")
    return {name: round(float(w), 3) for name, w in zip(names, fitted, strict=True)}


def _samples(name: str, encoder: Encoder, weights: Weights) -> Samples:
    found = sets.read(name)
    if found is None:
        raise SystemExit(f"{name} is not there: set BENCH_DATA to the folder that holds it.")
    generation = sets.library(found, folder() / "cross_encoder" / name, encoder)
    asked = [*held_out_questions(found, generation, encoder)]
    asked = random.Random(1).sample(asked, min(_QUESTIONS, len(asked)))
    answers = answers_to(generation, encoder, [Asked(question.text) for question in asked])
    right = [
        any(gold.meets(quote.document, quote.start, quote.end) for quote in given.quotes[:1] for gold in question.gold)
        for question, given in zip(asked, answers, strict=True)
    ]
    hidden = frozenset(sorted(found.documents)[::2])
    view = without(generation, np.array([passage.document in hidden for passage in generation.passages]))
    outside = [q.text for q in asked if q.gold and all(gold.document in hidden for gold in q.gold)]
    inputs = [
        *_inputs(generation, encoder, [q.text for q in asked], weights),
        *_inputs(view, encoder, outside, weights),
    ]
    answerable = np.array([bool(question.gold) for question in asked])
    counts = np.where(answerable, 1 / answerable.sum(), _UNANSWERABLE / max(1, (~answerable).sum()))
    return Samples(
        np.array(inputs),
        np.array([*right, *([False] * len(outside))]),
        np.array([*counts, *([_LEFT_OUT / max(1, len(outside))] * len(outside))]),
    )


def _inputs(
    generation: Generation, encoder: Encoder, questions: Sequence[str], weights: Weights
) -> list[tuple[float, float, float, float]]:
    def of(ranking: Ranking) -> tuple[float, float, float, float]:
        return first_quote_inputs(evidence_logit(ranking, weights), ahead(ranking), ranking.cross_encoded)

    rankings = search(generation, encoder, questions, weights)
    return [of(each) for each in rescore_close(generation, encoder.cross_encoder, questions, rankings, weights)]


def _logistic(samples: Sequence[Samples]) -> NDArray[np.float64]:
    """Weighted logistic regression; the bias comes last."""
    inputs = np.concatenate([each.inputs for each in samples])
    inputs = np.column_stack([inputs, np.ones(len(inputs))])
    signs = np.where(np.concatenate([each.right for each in samples]), 1.0, -1.0)
    counts = np.concatenate([each.counts for each in samples]) / len(samples)

    def loss(weights: NDArray[np.float64]) -> float:
        return float(
            (counts * np.logaddexp(0, -signs * (inputs @ weights))).sum() + _RIDGE * weights[:-1] @ weights[:-1]
        )

    return np.asarray(minimize(loss, np.zeros(inputs.shape[1]), method="L-BFGS-B").x)


def _probabilities(inputs: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-(inputs @ weights[:-1] + weights[-1]))))


if __name__ == "__main__":
    sys.exit(main())
