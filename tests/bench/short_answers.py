"""Other people's graded short answers to fit and measure with, set by set; never part of the project."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.quiz.grading import FreeAnswer
from index.text.sentences import sentences
from tests.bench.squad import DATA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOHLER = "Mohler"
# Sets whose licence allows weights that ship: CC BY-SA 3.0, MIT, MPL 2.0. Mohler's states none: it is only measured on.
FITTED_ON = {
    "SciEntsBank": "grading-semeval2013-train.jsonl.gz",
    "SAF": "grading-saf-english.jsonl.gz",
    "neural networks": "grading-nn-exam.jsonl.gz",
}
SETS = (*FITTED_ON, MOHLER)


@dataclass(frozen=True, slots=True)
class Graded:
    """An answer and the grade 0..1 that people gave it."""

    question: str
    reference: str
    answer: str
    grade: float
    contradictory: bool = False

    @property
    def free(self) -> FreeAnswer:
        """Part the reference into points, as the command line does."""
        text = self.reference
        points = tuple(text[start:end] for start, end in sentences(text, 0, len(text)))
        return FreeAnswer(self.question, points or (text,), self.answer)


def read(name: str) -> list[Graded]:
    """Read a set of SETS; SystemExit says where it comes from when it is absent."""
    if name == MOHLER:
        path = _found(DATA / "mohler_dev.csv", "Mohler, Bunescu and Mihalcea (2011), as a CSV with their columns")
        with path.open(encoding="utf-8", newline="") as stream:
            return [_mohler(row) for row in csv.DictReader(stream)]
    return list(_lines(_found(DATA / "qa" / FITTED_ON[name], name)))


def _found(path: Path, source: str) -> Path:
    if not path.is_file():
        raise SystemExit(f"{path} is absent: the short answers of {source}; BENCH_DATA names its folder")
    return path


def _mohler(row: dict[str, str]) -> Graded:
    return Graded(row["question"], row["desired_answer"], row["student_answer"], float(row["score_avg"]) / 5)


def _lines(path: Path) -> Iterator[Graded]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            grade, contradictory = float(row["grade"]), row["label"] == "contradictory"
            yield Graded(row["question"], row["reference"], row["answer"], grade, contradictory)
