"""Fits how much a cross-encoder's log-odds count in the score of a sentence.

`make fit` calls this; `python -m tests.bench.fit_rescoring` fits this weight alone, then those of the first quote. Only
questions about documents that the cross-encoder was not trained on are asked.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize_scalar

from index.answering.ranking import search
from index.answering.rescoring import log_odds_of_best
from index.answering.weights import read_weights
from index.models.encoder import SentenceTransformerEncoder
from tests.bench import sets
from tests.bench.cross_encoder_items import held_out_questions
from tests.bench.fit_first_quote import SETS, fit_first_quote
from tests.bench.quality import folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from index.answering.weights import Weights
    from index.models.encoder import Encoder

_WEIGHTS = Path("index/answering/weights.json")
_TOGETHER = 32


@dataclass(frozen=True, slots=True)
class Read:
    """One question: scores and log-odds of the sentences that were read, [sentences], and which of them are right."""

    scores: NDArray[np.float64]
    odds: NDArray[np.float64]
    right: NDArray[np.bool_]


def main() -> None:
    """Fit, and write the weights into their file."""
    content = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    encoder = SentenceTransformerEncoder()
    content["cross_encoder"] = fit_rescoring(encoder, read_weights(content))
    content["first_quote"] = fit_first_quote(encoder, read_weights(content))
    _WEIGHTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def fit_rescoring(encoder: Encoder, weights: Weights) -> dict[str, float]:
    """Fit on all sets, each counting the same, and print what each one left out gives."""
    read = {name: [*_samples(name, encoder, weights)] for name in SETS}
    for left_out, own in read.items():
        score = _fitted([each for name, each in read.items() if name != left_out])
        plain, better = (np.mean([_is_first(each, weight) for each in own]) for weight in (0.0, score))
        print(f"left out {left_out:28s} first is right {plain:.3f} -> {better:.3f} of {len(own)} read", flush=True)
    return {"score": round(_fitted([*read.values()]), 3)}


def _samples(name: str, encoder: Encoder, weights: Weights) -> Iterator[Read]:
    """Yield the questions that are answered by one of the sentences read."""
    found = sets.read(name)
    if found is None:
        raise SystemExit(f"{name} is not there: set BENCH_DATA to the folder that holds it.")
    assert encoder.cross_encoder is not None
    generation = sets.library(found, folder() / "cross_encoder" / name, encoder)
    asked = [question for question in held_out_questions(found, generation, encoder) if question.gold]
    for first in range(0, len(asked), _TOGETHER):
        batch = asked[first : first + _TOGETHER]
        texts = [question.text for question in batch]
        rankings = search(generation, encoder, texts, weights)
        read = log_odds_of_best(generation, encoder.cross_encoder, texts, rankings)
        for question, ranking, odds in zip(batch, rankings, read, strict=True):
            place = {int(number): at for at, number in enumerate(ranking.sentences)}
            sentences = [generation.sentence(number) for number in odds]
            right = [
                any(gold.meets(each.document.id, each.start, each.end) for gold in question.gold) for each in sentences
            ]
            if any(right):
                scores = [ranking.scores[place[number]] for number in odds]
                yield Read(np.array(scores, np.float64), np.array([*odds.values()]), np.array(right, bool))


def _is_first(read: Read, weight: float) -> bool:
    return bool(read.right[np.argmax(read.scores + weight * read.odds)])


def _fitted(read: Sequence[Sequence[Read]]) -> float:
    """Maximise the likelihood that the best sentence is a right one, as the weights of the features do."""

    def missed(weight: float) -> float:
        return sum(float(np.mean([_missed(each, weight) for each in own])) for own in read)

    return float(minimize_scalar(missed, bounds=(0.0, 3.0), method="bounded").x)


def _missed(read: Read, weight: float) -> float:
    scores = read.scores + weight * read.odds
    return float(np.logaddexp.reduce(scores) - np.logaddexp.reduce(scores[read.right]))


if __name__ == "__main__":
    sys.exit(main())
