"""Measures how free answers are graded: against people's grades, each question by weights that never saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bot.libraries.opening import load_encoder
from bot.quiz.grading import Verdict, grade, read_weights, says_nothing
from bot.settings import Settings
from tests.bench import mohler
from tests.bench.fit_grading import contents, fit, free_answer, measure
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from bot.quiz.grading import Grade
    from index.models.encoder import Encoder
    from tests.bench.mohler import Graded

_FOLDS = 10
_OFF = 1.5  # grade points of 5
_SURE = (Verdict.CORRECT, Verdict.INCORRECT)


def rows() -> Iterator[Row]:
    """Measure on Mohler's answers; says where they come from when they are absent."""
    try:
        answers = mohler.read()
    except SystemExit as absent:
        yield Row("Mohler", str(absent))
        return
    encoder = load_encoder(Settings(_env_file=None))
    yield from _table(answers, grade_left_out(answers, encoder))


def grade_left_out(answers: Sequence[Graded], encoder: Encoder, seed: int = 0) -> list[Grade]:
    """Grade each answer with weights fitted on the answers to other questions."""
    free = [free_answer(answer) for answer in answers]
    table, goal = measure(answers, encoder), np.array([answer.grade for answer in answers]) / mohler.HIGHEST
    fitted = np.array([not says_nothing(one) for one in free])
    grades: list[Grade | None] = [None] * len(answers)
    for held_out in mohler.folds(answers, _FOLDS, seed):
        weights, bias = fit(table[~held_out & fitted], goal[~held_out & fitted])
        unseen = read_weights(contents(weights, bias))
        numbers = np.flatnonzero(held_out)
        for number, graded in zip(numbers, grade([free[n] for n in numbers], encoder, unseen), strict=True):
            grades[number] = graded
    return [graded for graded in grades if graded is not None]


def _table(answers: Sequence[Graded], grades: Sequence[Grade]) -> Iterator[Row]:
    given = np.array([answer.grade for answer in answers])
    predicted = mohler.HIGHEST * np.array([graded.score for graded in grades])
    verdicts = np.array([graded.verdict for graded in grades])
    off = np.abs(predicted - given) > _OFF
    r = float(np.corrcoef(predicted, given)[0, 1])
    yield Row("Mohler, questions left out: Pearson r of score and mean grade", f"{r:.3f}", ">= .60", r >= 0.60)
    yield Row(
        "Mohler, root mean square error in grade points of 5", f"{np.sqrt(((predicted - given) ** 2).mean()):.3f}"
    )
    decided = verdicts != Verdict.UNSURE
    yield _share_row("Mohler, answers with a verdict other than unsure", decided, 0.60)
    sure = np.isin(verdicts, _SURE)
    yield _share_row("Mohler, answers called correct or incorrect", sure, 0.60)
    yield _off_row("Mohler, correct or incorrect, yet the score over 1.5 grade points off", off[sure], 0.08)
    yield _off_row("Mohler, the same with partly", off[decided], None)
    for verdict in Verdict:
        here = verdicts == verdict
        mean = f", mean grade {given[here].mean():.2f}, off {off[here].sum()}" if here.any() else ""
        yield Row(f"Mohler, verdict {verdict.value}", f"{here.sum()}{mean}")


def _share_row(what: str, found: NDArray[np.bool_], least: float) -> Row:
    return Row(
        what, f"{found.mean():.3f} ({found.sum()} of {len(found)})", f">= {least:.2f}", bool(found.mean() >= least)
    )


def _off_row(what: str, off: NDArray[np.bool_], most: float | None) -> Row:
    measured = f"{off.mean():.3f} ({off.sum()} of {len(off)})"
    return Row(what, measured) if most is None else Row(what, measured, f"< {most:.2f}", bool(off.mean() < most))
