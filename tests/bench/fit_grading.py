"""Fits the weights of grading on Mohler's short answers and writes bot/quiz/grading.json (`make fit`)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.quiz.grading import FreeAnswer, says_nothing
from bot.quiz.likeness import FEATURES, Pair, Vectors, features, texts_of
from index.models.encoder import SentenceTransformerEncoder
from index.text.sentences import sentences
from tests.bench import mohler

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.models.encoder import Encoder
    from tests.bench.mohler import Graded

_WEIGHTS = Path("bot/quiz/grading.json")
_RIDGE = 0.03
_FOLDS = 10
# By hand, in fifths as people grade: 4 of 5 is right, and what lies between wrong and partly right is not decided.
_BANDS = {"correct_from": 0.8, "partly_from": 0.7, "incorrect_below": 0.55, "hit_from": 0.75}


def main() -> None:
    """Fit, print how well, and what each feature adds, on questions left out; write the file."""
    answers = [answer for answer in mohler.read() if not says_nothing(free_answer(answer))]
    table = measure(answers, SentenceTransformerEncoder())
    grades = np.array([answer.grade for answer in answers])
    print(f"all features, rules aside: r {_left_out(table, grades, answers):.3f} on questions left out")
    for column, name in enumerate(FEATURES):
        alone = _left_out(table[:, [column]], grades, answers)
        others = _left_out(np.delete(table, column, axis=1), grades, answers)
        print(f"  {name:16} alone r {alone:.3f}, all but it r {others:.3f}")
    content = contents(*fit(table, grades / mohler.HIGHEST))
    _WEIGHTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {_WEIGHTS}")


def contents(weights: NDArray[np.float64], bias: float) -> dict[str, Any]:
    """Give what the file says."""
    return {
        "about": "Fitted on half of the short answers of Mohler, Bunescu and Mihalcea (2011) with the default model.",
        "command": "python -m tests.bench.fit_grading",
        "weights": {name: round(float(weight), 4) for name, weight in zip(FEATURES, weights, strict=True)},
        "bias": round(bias, 4),
        "bands": _BANDS,
    }


def free_answer(answer: Graded) -> FreeAnswer:
    """Part the reference into points, as the command line does."""
    text = answer.reference
    return FreeAnswer(answer.question, tuple(text[a:b] for a, b in sentences(text, 0, len(text))), answer.answer)


def measure(answers: Sequence[Graded], encoder: Encoder) -> NDArray[np.float64]:
    """Measure the features of each answer: [answers, features]."""
    pairs = [Pair(answer.question, answer.reference, answer.answer) for answer in answers]
    vectors = Vectors(encoder, [text for pair in pairs for text in texts_of(pair)])
    return np.stack([features(pair, vectors) for pair in pairs])


def fit(table: NDArray[np.float64], goal: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Fit a ridge regression on features per standard deviation; give weights per feature and the bias."""
    mean, spread = table.mean(axis=0), table.std(axis=0) + 1e-9
    scaled = (table - mean) / spread
    penalty = _RIDGE * len(scaled) * np.eye(scaled.shape[1])
    weights = np.linalg.solve(scaled.T @ scaled + penalty, scaled.T @ (goal - goal.mean())) / spread
    return weights, float(goal.mean() - mean @ weights)


def predict_left_out(
    table: NDArray[np.float64], goal: NDArray[np.float64], answers: Sequence[Graded], seed: int = 0
) -> NDArray[np.float64]:
    """Predict each answer by weights that have not seen its question: [answers]."""
    predicted = np.zeros(len(goal))
    for held_out in mohler.folds(answers, _FOLDS, seed):
        weights, bias = fit(table[~held_out], goal[~held_out])
        predicted[held_out] = table[held_out] @ weights + bias
    return predicted


def _left_out(table: NDArray[np.float64], grades: NDArray[np.float64], answers: Sequence[Graded]) -> float:
    """Give Pearson's r on questions left out, the mean over a few ways to deal them."""
    found = [np.corrcoef(predict_left_out(table, grades, answers, seed), grades)[0, 1] for seed in range(5)]
    return float(np.mean(found))


if __name__ == "__main__":
    sys.exit(main())
