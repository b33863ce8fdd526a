"""Grades free answers against key sentences by a few fitted weights, without a language model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.quiz import likeness
from bot.quiz.contradiction import contradicts
from bot.quiz.likeness import FEATURES, LONGEST, Pair, Vectors, clauses
from index.documents.decoding import without_surrogates
from index.models.encoder import Encoder
from index.text.aliases import Aliases, read_aliases
from index.text.words import all_words
from prompts import FOLDER

_COPIED = 3  # an answer with a copy of a point has at most this many times its words
# An answer of such words only, with one of the first list, declines: "I don't know", "no idea", "not answered".
_DECLINING = frozenset(
    all_words("answer answered clue forgot idea idk know n pass remember skip sure unanswered unknown")
)
_WITH_DECLINING = frozenset(
    all_words("a an any at all do don dont have i it m me no none not of question sorry t the this to")
)


class Verdict(StrEnum):
    """The band of a grade; UNSURE where the error of the fit is too large for another one."""

    CORRECT = "correct"
    PARTLY = "partly"
    INCORRECT = "incorrect"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class FreeAnswer:
    """A free answer and the key sentences that it is graded against."""

    question: str
    points: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class PointGrade:
    """How well an answer covers one key sentence: score 0..1, and whether that is enough."""

    sentence: str
    score: float
    hit: bool


@dataclass(frozen=True, slots=True)
class Grade:
    """A score 0..1, the least-squares prediction of what people gave on a scale of 0..5, and its band."""

    score: float
    verdict: Verdict
    points: tuple[PointGrade, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """What `python -m tests.bench.fit_grading` writes: a weight for each of FEATURES, and the bands of scores 0..1."""

    features: NDArray[np.float64]
    bias: float
    correct_from: float
    partly_from: float
    incorrect_below: float
    hit_from: float

    def score(self, pair: Pair, vectors: Vectors) -> float:
        """Predict the score of a pair, 0..1; an answer unrelated to the reference gets 0."""
        measured = likeness.features(pair, vectors)
        fitted = float(measured @ self.features) + self.bias
        return float(np.clip(fitted * likeness.relatedness(measured), 0.0, 1.0))

    def verdict(self, score: float) -> Verdict:
        """Return the band of a score; between INCORRECT and PARTLY the error is largest, so UNSURE."""
        if score >= self.correct_from:
            return Verdict.CORRECT
        if score >= self.partly_from:
            return Verdict.PARTLY
        return Verdict.INCORRECT if score < self.incorrect_below else Verdict.UNSURE


def read_weights(content: Mapping[str, Any]) -> Weights:
    """Return the weights in the content of grading.json."""
    return Weights(np.array([content["weights"][name] for name in FEATURES]), content["bias"], **content["bands"])


_WEIGHTS = read_weights(json.loads((files("bot.quiz") / "grading.json").read_text(encoding="utf-8")))
_ALIASES = read_aliases(FOLDER / "aliases.yaml")


def grade(
    asked: Sequence[FreeAnswer], encoder: Encoder, weights: Weights = _WEIGHTS, aliases: Aliases = _ALIASES
) -> list[Grade]:
    """Grade answers, in their order; the model encodes all texts together."""
    read = [_readable(free, aliases) for free in asked]
    pairs = [pair for free in read if not says_nothing(free) for pair in _pairs(free)]
    vectors = Vectors(encoder, [text for pair in pairs for text in likeness.texts_of(pair)]) if pairs else None
    grades = [_zero(free) if vectors is None or says_nothing(free) else _grade(free, vectors, weights) for free in read]
    return [_quoting(free, graded) for free, graded in zip(asked, grades, strict=True)]


def _readable(free: FreeAnswer, aliases: Aliases) -> FreeAnswer:
    """Replace aliases, drop surrogates, which the model cannot encode, and cut very long texts."""
    texts = (without_surrogates(text[:LONGEST]) for text in (free.question, free.answer, *free.points))
    question, answer, *points = map(aliases.canonical, texts)
    return FreeAnswer(question, tuple(points), answer)


def _quoting(free: FreeAnswer, graded: Grade) -> Grade:
    """Put the original sentences back into the points of a grade."""
    points = zip(free.points, graded.points, strict=True)
    return replace(graded, points=tuple(replace(point, sentence=sentence) for sentence, point in points))


def _whole(free: FreeAnswer) -> Pair:
    return Pair(free.question, " ".join(free.points)[:LONGEST], free.answer)


def _pairs(free: FreeAnswer) -> list[Pair]:
    return [_whole(free), *(pair for point in free.points for pair in _against(point, free))]


def _against(point: str, free: FreeAnswer) -> list[Pair]:
    """Pair one point with the answer and with each of its clauses."""
    return [Pair(free.question, point, part) for part in (free.answer, *clauses(free.answer))]


def says_nothing(free: FreeAnswer) -> bool:
    """Return whether an answer is worth nothing: no words, only the question's own, or "I don't know"."""
    given, reference = set(all_words(free.answer)), set(all_words(" ".join(free.points)))
    if not given or not reference:
        return True
    if any(_copied(point, free.answer) for point in free.points):
        return False
    declines = bool(given & _DECLINING) and given <= _DECLINING | _WITH_DECLINING and not given <= reference
    return declines or not likeness.beyond(free.question, likeness.content(free.answer))


def _zero(free: FreeAnswer) -> Grade:
    return Grade(0.0, Verdict.INCORRECT, tuple(PointGrade(point, 0.0, False) for point in free.points))


def _grade(free: FreeAnswer, vectors: Vectors, weights: Weights) -> Grade:
    points = tuple(_point(point, free, vectors, weights) for point in free.points)
    if all(_copied(point, free.answer) for point in free.points):
        return Grade(1.0, Verdict.CORRECT, points)
    whole = _whole(free)
    score = weights.score(whole, vectors)
    if contradicts(whole.question, whole.reference, whole.answer):
        # The words are right and the meaning may be the reverse, so neither is sure.
        score = min(score, weights.incorrect_below)
        return Grade(score, Verdict.UNSURE, tuple(replace(point, hit=False) for point in points))
    if all(point.hit for point in points):
        return Grade(score, weights.verdict(score), points)
    score = (score + sum(point.score for point in points) / len(points)) / 2
    verdict = Verdict.PARTLY if any(point.hit for point in points) else weights.verdict(score)
    return Grade(score, Verdict.PARTLY if verdict is Verdict.CORRECT else verdict, points)


def _point(point: str, free: FreeAnswer, vectors: Vectors, weights: Weights) -> PointGrade:
    copied = _copied(point, free.answer)
    score = 1.0 if copied else max(weights.score(pair, vectors) for pair in _against(point, free))
    return PointGrade(point, score, score >= weights.hit_from)


def _copied(point: str, answer: str) -> bool:
    """Return whether an answer has a point word for word and is not much longer."""
    sought, given = all_words(point), all_words(answer)
    return len(given) <= _COPIED * len(sought) and f" {' '.join(sought)} " in f" {' '.join(given)} "
