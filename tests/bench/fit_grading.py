"""Fits the weights of grading on sets of graded short answers and writes bot/quiz/grading.json (`make fit`)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from bot.quiz.grading import FreeAnswer, measure, says_nothing
from bot.quiz.likeness import FEATURES, LONGEST, Texts
from index.models.encoder import SentenceTransformerEncoder
from tests.bench import short_answers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.models.encoder import Encoder
    from tests.bench.short_answers import Graded

Table: TypeAlias = "tuple[NDArray[np.float64], NDArray[np.float64]]"
"""The features of a set's answers [answers, features] and their grades [answers]."""

_WEIGHTS = Path("bot/quiz/grading.json")
_RIDGE = 0.1
_TOGETHER = 256  # answers whose words are in memory at once
# Chosen by the models of the other sets: on no set more than 4 % of all answers are called correct or incorrect and are
# not, and none of the bank's wrong answers is called correct (`python -m tests.bench grading`).
_BANDS = {
    "correct_from": 0.8,
    "covered_from": 0.7,
    "as_long_from": -0.6,
    "partly_from": 0.75,
    "hit_from": 0.75,
    "incorrect_below": 0.35,
    "unrelated_below": 0.45,
    "otherwise_at_most": 0.7,
    "likeness_below": 0.47,  # 99 % of the answers of each set are; texts in Chinese or Arabic are not
}


def main() -> None:
    """Fit on all sets, and on all but each, and write the file; some minutes."""
    encoder = SentenceTransformerEncoder()
    tables = {name: _table(short_answers.read(name), encoder) for name in short_answers.FITTED_ON}
    left_out = {name: fit([table for other, table in tables.items() if other != name]) for name in tables}
    content = {
        "about": f"Fitted on the graded short answers of {', '.join(tables)} with the default model.",
        "command": "python -m tests.bench.fit_grading",
        "weights": fit(list(tables.values())),
        "bands": _BANDS,
        "left_out": left_out,
    }
    _WEIGHTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {_WEIGHTS}")


def _table(answers: Sequence[Graded], encoder: Encoder) -> Table:
    """Measure the answers of a set but for those that say nothing: they need no model."""
    said = [answer for answer in answers if not says_nothing(answer.free)]
    return measured([answer.free for answer in said], encoder), np.array([answer.grade for answer in said])


def measured(asked: Sequence[FreeAnswer], encoder: Encoder) -> NDArray[np.float64]:
    """Measure the features of each answer against its whole reference: [answers, features]."""
    rows = []
    for first in range(0, len(asked), _TOGETHER):
        some = [_cut(free) for free in asked[first : first + _TOGETHER]]
        texts = Texts(encoder, [text for free in some for text in (free.question, free.answer, *free.points)])
        rows += [measure(free, texts)[-1] for free in some]
    return np.stack(rows)


def _cut(free: FreeAnswer) -> FreeAnswer:
    return FreeAnswer(free.question[:LONGEST], tuple(p[:LONGEST] for p in free.points), free.answer[:LONGEST])


def fit(tables: Sequence[Table]) -> dict[str, float]:
    """Fit a ridge regression on features per standard deviation; each set counts the same, whatever its size and mean.

    What sets the means of the sets apart is how hard their questions are, so that only what is within a set is fitted.
    """
    within = np.concatenate([_evenly(table - table.mean(axis=0)) for table, _ in tables])
    goal = np.concatenate([_evenly(grades - grades.mean()) for _, grades in tables])
    spread = np.linalg.norm(within, axis=0) / len(tables) ** 0.5
    scaled = within / spread
    weights = np.linalg.solve(scaled.T @ scaled + _RIDGE * len(tables) * np.eye(len(spread)), scaled.T @ goal) / spread
    bias = np.mean([grades.mean() - table.mean(axis=0) @ weights for table, grades in tables])
    return {name: round(float(value), 3) for name, value in zip((*FEATURES, "bias"), (*weights, bias), strict=True)}


def _evenly(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh the rows of a set so that their squares are a mean."""
    return rows / len(rows) ** 0.5


if __name__ == "__main__":
    sys.exit(main())
