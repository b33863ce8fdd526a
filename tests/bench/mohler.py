"""Other people's graded answers to measure with: Mohler's data of short answers, never part of the project."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tests.bench.squad import DATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_FILE = DATA / "mohler_dev.csv"
HIGHEST = 5.0


@dataclass(frozen=True, slots=True)
class Graded:
    """An answer and the mean of what two people gave it, 0..5."""

    question: str
    reference: str
    answer: str
    grade: float


def read() -> list[Graded]:
    """Read the graded answers; SystemExit says where they come from when they are absent."""
    if not _FILE.is_file():
        raise SystemExit(
            f"{_FILE} is absent: the short answers of Mohler, Bunescu and Mihalcea (2011) as a CSV with the columns "
            "question, desired_answer, student_answer, score_avg; BENCH_DATA names its folder"
        )
    with _FILE.open(encoding="utf-8", newline="") as stream:
        return [
            Graded(row["question"], row["desired_answer"], row["student_answer"], float(row["score_avg"]))
            for row in csv.DictReader(stream)
        ]


def folds(answers: Sequence[Graded], count: int, seed: int) -> list[NDArray[np.bool_]]:
    """Deal the questions into folds at random: for each, which answers are held out; no question is in two."""
    questions = sorted({answer.question for answer in answers})
    np.random.default_rng(seed).shuffle(questions)
    return [np.array([a.question in set(questions[first::count]) for a in answers]) for first in range(count)]
