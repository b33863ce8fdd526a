"""Grades free answers point by point against key sentences, by a few fitted weights and without a language model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

import numpy as np

from bot.quiz.likeness import FEATURES, LONGEST, Pair, Vectors, beyond, clauses, content, features, texts_of
from index.encoder import Encoder
from index.lexical import all_words

_COPIED = 3  # a copy may stand among this many times its own words
_EMPTY_SCORE = 0.0


class Verdict(StrEnum):
    """What a learner is told; UNSURE where the fitted error is too large to say more."""

    CORRECT = "correct"
    PARTLY = "partly"
    INCORRECT = "incorrect"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class FreeAnswer:
    """An answer in free words, and the key sentences that it is graded against."""

    question: str
    points: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class PointGrade:
    """How far an answer says one key sentence: score 0..1, and whether that is enough."""

    sentence: str
    score: float
    hit: bool


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade 0..1, the least-squares prediction of what people gave on a scale of 0..5, and what it means."""

    score: float
    verdict: Verdict
    points: tuple[PointGrade, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """What `python -m tests.bench.fit_grading` fitted; weights are per feature, bands are scores 0..1."""

    features: np.ndarray[Any, np.dtype[np.float64]]
    bias: float
    correct_from: float
    partly_from: float
    incorrect_below: float
    hit_from: float


def read_weights(content: Mapping[str, Any]) -> Weights:
    """Take the weights from the content of grading.json."""
    bands = content["bands"]
    return Weights(
        np.array([content["weights"][name] for name in FEATURES]),
        content["bias"],
        bands["correct_from"],
        bands["partly_from"],
        bands["incorrect_below"],
        bands["hit_from"],
    )


_WEIGHTS = read_weights(json.loads((files("bot.quiz") / "grading.json").read_text(encoding="utf-8")))


def grade(asked: Sequence[FreeAnswer], encoder: Encoder) -> list[Grade]:
    """Grade answers in their order; what they need of the model is asked for once, for all of them together."""
    pairs = [pair for free in asked if not _says_nothing(free) for pair in _pairs(free)]
    vectors = Vectors(encoder, [text for pair in pairs for text in texts_of(pair)]) if pairs else None
    return [_zero(free) if vectors is None or _says_nothing(free) else _grade(free, vectors) for free in asked]


def whole(free: FreeAnswer) -> Pair:
    """Hold an answer against all its points joined; only the beginning of very long texts is read."""
    return Pair(free.question[:LONGEST], " ".join(free.points)[:LONGEST], free.answer[:LONGEST])


def _pairs(free: FreeAnswer) -> list[Pair]:
    return [whole(free), *(pair for point in free.points for pair in _against(point, free))]


def _against(point: str, free: FreeAnswer) -> list[Pair]:
    """Hold the answer, and each clause of it by itself, against one point."""
    answer = free.answer[:LONGEST]
    return [Pair(free.question[:LONGEST], point[:LONGEST], part) for part in (answer, *clauses(answer))]


def _says_nothing(free: FreeAnswer) -> bool:
    """Tell an answer without words, or with none that the question has not said, as worth nothing."""
    if not all_words(free.answer) or not all_words(" ".join(free.points)):
        return True
    return not beyond(free.question, content(free.answer)) and not any(_copied(p, free.answer) for p in free.points)


def _zero(free: FreeAnswer) -> Grade:
    points = tuple(PointGrade(point, _EMPTY_SCORE, False) for point in free.points)
    return Grade(_EMPTY_SCORE, Verdict.INCORRECT, points)


def _grade(free: FreeAnswer, vectors: Vectors) -> Grade:
    points = tuple(_point(point, free, vectors) for point in free.points)
    copied = all(_copied(point, free.answer) for point in free.points)
    score = 1.0 if copied else _score(whole(free), vectors)
    return Grade(score, _verdict(score), points)


def _point(point: str, free: FreeAnswer, vectors: Vectors) -> PointGrade:
    copied = _copied(point, free.answer)
    score = 1.0 if copied else max(_score(pair, vectors) for pair in _against(point, free))
    return PointGrade(point, score, score >= _WEIGHTS.hit_from)


def _score(pair: Pair, vectors: Vectors) -> float:
    return float(np.clip(features(pair, vectors) @ _WEIGHTS.features + _WEIGHTS.bias, 0.0, 1.0))


def _verdict(score: float) -> Verdict:
    if score >= _WEIGHTS.correct_from:
        return Verdict.CORRECT
    if score >= _WEIGHTS.partly_from:
        return Verdict.PARTLY
    return Verdict.INCORRECT if score < _WEIGHTS.incorrect_below else Verdict.UNSURE


def _copied(point: str, answer: str) -> bool:
    """Say whether an answer holds a point word for word, in an answer that is about as long."""
    sought, given = all_words(point), all_words(answer[:LONGEST])
    return len(given) <= _COPIED * len(sought) and f" {' '.join(sought)} " in f" {' '.join(given)} "
