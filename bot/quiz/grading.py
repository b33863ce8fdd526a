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
from bot.quiz.alteration import alters
from bot.quiz.contradiction import contradicts
from bot.quiz.likeness import FEATURES, LONGEST, Texts, beyond, content
from index.documents.decoding import without_surrogates
from index.models.encoder import Encoder
from index.text.aliases import Aliases, read_aliases
from index.text.words import all_words
from prompts import FOLDER

_COPIED = 3  # an answer with a copy of a point has at most this many times its words
_SAID_BACK = 0.5  # share of the question's content words from which an answer of nothing else says it back
# An answer of such words only, with one of the first list, declines: "I don't know", "no idea", "not answered".
_DECLINING = frozenset(
    all_words("answer answered clue forgot idea idk know n pass remember skip sure unanswered unknown")
)
_WITH_DECLINING = frozenset(
    all_words("a an any at all do don dont have i it m me no none not of question sorry t the this to")
)


class Verdict(StrEnum):
    """The band of a grade; UNSURE where no other one can be trusted."""

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
    """A score 0..1, the least-squares prediction of the grade that people give, and its band."""

    score: float
    verdict: Verdict
    points: tuple[PointGrade, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """What `python -m tests.bench.fit_grading` writes: a linear model of FEATURES, and the bands of scores 0..1."""

    features: NDArray[np.float64]
    bias: float
    correct_from: float
    covered_from: float
    """Least recall of a correct answer,"""
    as_long_from: float
    """and its least brevity: what is much shorter is a part."""
    partly_from: float
    hit_from: float
    incorrect_below: float
    unrelated_below: float
    """Precision from which an answer is too near to the reference to be incorrect."""
    otherwise_at_most: float
    """Highest score of an answer that has the words and may mean something else."""
    likeness_below: float
    """Two words of reference and answer are less alike than this, as a mean, where the encoder can tell them apart."""

    def score(self, measured: NDArray[np.float64]) -> float:
        """Predict the grade, 0..1."""
        return float(np.clip(measured @ self.features + self.bias, 0, 1))


def read_weights(content: Mapping[str, Any], left_out: str | None = None) -> Weights:
    """Return the weights in the content of grading.json, or those fitted without one of its sets."""
    model = content["weights"] if left_out is None else content["left_out"][left_out]
    return Weights(np.array([model[name] for name in FEATURES]), model["bias"], **content["bands"])


_WEIGHTS = read_weights(json.loads((files("bot.quiz") / "grading.json").read_text(encoding="utf-8")))
_ALIASES = read_aliases(FOLDER / "aliases.yaml")


def grade(
    asked: Sequence[FreeAnswer], encoder: Encoder, weights: Weights = _WEIGHTS, aliases: Aliases = _ALIASES
) -> list[Grade]:
    """Grade answers, in their order; the model encodes all texts together."""
    read = [_readable(free, aliases) for free in asked]
    graded = [free for free in read if not says_nothing(free)]
    texts = Texts(encoder, [text for free in graded for text in (free.question, free.answer, *free.points)])
    grades = [_zero(free) if says_nothing(free) else _grade(free, texts, weights) for free in read]
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


def says_nothing(free: FreeAnswer) -> bool:
    """Return whether an answer is worth nothing: no words, the question said back, or "I don't know"."""
    given, reference = set(all_words(free.answer)), set(all_words(" ".join(free.points)))
    if not given or not reference:
        return True
    if any(_copied(point, free.answer) for point in free.points):
        return False
    declines = bool(given & _DECLINING) and given <= _DECLINING | _WITH_DECLINING and not given <= reference
    return declines or (not content(free.answer) and not given & reference) or _said_back(free)


def _said_back(free: FreeAnswer) -> bool:
    """Return whether an answer has half of the question and nothing else, and the reference has something else."""
    given = content(free.answer)
    if beyond(free.question, given) or not beyond(free.question, content(" ".join(free.points))):
        return False
    return len(given) >= _SAID_BACK * len(content(free.question))


def _zero(free: FreeAnswer) -> Grade:
    return Grade(0.0, Verdict.INCORRECT, tuple(PointGrade(point, 0.0, False) for point in free.points))


def measure(free: FreeAnswer, texts: Texts) -> NDArray[np.float64]:
    """Measure how an answer says each of its points, and in the last row all: float64 [points + 1, features]."""
    points = [texts.words(point) for point in free.points]
    return likeness.features(texts.words(free.question), points, texts.words(free.answer))


def _grade(free: FreeAnswer, texts: Texts, weights: Weights) -> Grade:
    *of_points, measured = measure(free, texts)
    points = tuple(_point(point, free.answer, row, weights) for point, row in zip(free.points, of_points, strict=True))
    if all(_copied(point, free.answer) for point in free.points):
        return Grade(1.0, Verdict.CORRECT, points)
    score = weights.score(measured)
    verdict = _verdict(measured, points, weights)
    if verdict is not Verdict.INCORRECT and _says_otherwise(free):
        # The words are right and the meaning may not be, so neither is sure.
        points = tuple(replace(point, hit=False) for point in points)
        return Grade(min(score, weights.otherwise_at_most), Verdict.UNSURE, points)
    alike = likeness.self_likeness(texts.words(*free.points, free.answer))
    return Grade(score, verdict if alike < weights.likeness_below else Verdict.UNSURE, points)


def _says_otherwise(free: FreeAnswer) -> bool:
    whole = " ".join(free.points)
    copied = any(contradicts(free.question, point, free.answer) for point in {whole, *free.points})
    return copied or alters(free.question, whole, free.answer)


def _verdict(measured: NDArray[np.float64], points: Sequence[PointGrade], weights: Weights) -> Verdict:
    score, hits = weights.score(measured), sum(point.hit for point in points)
    recall, precision, brevity = measured
    covered = hits == len(points) and recall >= weights.covered_from and brevity >= weights.as_long_from
    if covered and score >= weights.correct_from:
        return Verdict.CORRECT
    if hits or score >= weights.partly_from:
        return Verdict.PARTLY
    unrelated = precision < weights.unrelated_below and score < weights.incorrect_below
    return Verdict.INCORRECT if unrelated else Verdict.UNSURE


def _point(point: str, answer: str, measured: NDArray[np.float64], weights: Weights) -> PointGrade:
    score = 1.0 if _copied(point, answer) else weights.score(measured)
    return PointGrade(point, score, score >= weights.hit_from)


def _copied(point: str, answer: str) -> bool:
    """Return whether an answer has a point word for word and is not much longer."""
    sought, given = all_words(point), all_words(answer)
    return len(given) <= _COPIED * len(sought) and f" {' '.join(sought)} " in f" {' '.join(given)} "
