"""Measures how free answers are graded: each set of people's grades by weights that never saw it, and the bank."""

from __future__ import annotations

import json
import random
import time
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import yaml

from bot.libraries.opening import load_encoder
from bot.quiz.bank import read_bank
from bot.quiz.grading import FreeAnswer, Verdict, grade, read_weights
from bot.quiz.items import ItemKind
from bot.quiz.likeness import content
from bot.settings import Settings
from index.text.words import stem
from tests.bench import short_answers
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.quiz.grading import Grade, Weights
    from index.models.encoder import Encoder
    from tests.bench.short_answers import Graded

_TOGETHER = 64  # answers
_RIGHT, _WRONG = 0.75, 0.25  # a grade from which an answer is right, and up to which it is wrong
_REWORDED = Path(__file__).with_name("free_answers.yaml")
_SURE = (Verdict.CORRECT, Verdict.INCORRECT)


def rows() -> Iterator[Row]:
    """Measure set by set; says where a set comes from when it is absent."""
    encoder = load_encoder(Settings(_env_file=None))
    fitted = json.loads((files("bot.quiz") / "grading.json").read_text(encoding="utf-8"))
    found = []
    for name in short_answers.SETS:
        try:
            answers = short_answers.read(name)
        except SystemExit as absent:
            yield Row(name, str(absent))
            continue
        weights = read_weights(fitted, name if name in short_answers.FITTED_ON else None)
        grades = _grades([answer.free for answer in answers], encoder, weights)
        found.append(_pearson(answers, [graded.score for graded in grades]))
        yield from _table(name, answers, grades)
    if len(found) == len(short_answers.SETS):
        mean = float(np.mean(found))
        yield Row("the sets, each left out: mean Pearson r", f"{mean:.3f}", ">= .45", mean >= 0.45)
    yield from _bank(encoder)


def _grades(asked: Sequence[FreeAnswer], encoder: Encoder, weights: Weights) -> list[Grade]:
    return [
        graded
        for first in range(0, len(asked), _TOGETHER)
        for graded in grade(asked[first : first + _TOGETHER], encoder, weights)
    ]


def _table(name: str, answers: Sequence[Graded], grades: Sequence[Grade]) -> Iterator[Row]:
    given = np.array([answer.grade for answer in answers])
    verdicts = np.array([graded.verdict for graded in grades])
    r, overlap = (_pearson(answers, scores) for scores in ([g.score for g in grades], _overlaps(answers)))
    yield Row(f"{name}, left out: Pearson r of score and grade", f"{r:.3f}", f"> {overlap:.3f}", r > overlap)
    yield Row(f"{name}, Pearson r of word overlap and grade", f"{overlap:.3f}")
    sure = np.isin(verdicts, _SURE)
    right, wrong = verdicts == Verdict.CORRECT, verdicts == Verdict.INCORRECT
    off = (right & (given <= _WRONG)) | (wrong & (given >= _RIGHT))
    yield _at_most(f"{name}, called correct and wrong, or incorrect and right", off, 0.08)
    yield Row(f"{name}, the same as a share of what is called correct or incorrect", f"{off[sure].mean():.3f}")
    contradictory = np.array([answer.contradictory for answer in answers])
    if contradictory.any():
        yield _at_most(f"{name}, contradictions called correct", right[contradictory], 0.12)
    for verdict in Verdict:
        here = verdicts == verdict
        mean = f", mean grade {given[here].mean():.2f}" if here.any() else ""
        yield Row(f"{name}, verdict {verdict.value}", f"{here.mean():.3f} ({here.sum()} of {len(here)}){mean}")


def _overlaps(answers: Sequence[Graded]) -> list[float]:
    """Return the share of each reference's content words, by stem, that stand in the answer."""
    both = [[{stem(word) for word in content(text)} for text in (each.reference, each.answer)] for each in answers]
    return [len(wanted & given) / max(1, len(wanted)) for wanted, given in both]


def _pearson(answers: Sequence[Graded], scores: Sequence[float]) -> float:
    return float(np.corrcoef(scores, [answer.grade for answer in answers])[0, 1])


def _bank(encoder: Encoder) -> Iterator[Row]:
    """Answer the bank's free items by their key sentences, in own words, by other items', and by words shuffled."""
    items = [item for item in read_bank().items if item.kind is ItemKind.FREE]
    reworded = yaml.safe_load(_REWORDED.read_text(encoding="utf-8"))
    rng = random.Random(0)
    kinds = {
        "key sentences": ([" ".join(item.points)] for item in items),
        "right, in own words": (reworded[item.id]["right"] for item in items),
        "wrong, in the author's words": (reworded[item.id]["wrong"] for item in items),
        "key sentences of another item": ([" ".join(o.points) for o in items if o is not item] for item in items),
        "key sentences with their words shuffled": (
            [" ".join(_shuffled(" ".join(item.points), rng)) for _ in range(10)] for item in items
        ),
    }
    began, count = time.process_time(), 0
    for kind, answers in kinds.items():
        asked = [
            FreeAnswer(i.question, i.points, each) for i, some in zip(items, answers, strict=True) for each in some
        ]
        verdicts = [graded.verdict for graded in grade(asked, encoder)]
        counts = ", ".join(f"{verdicts.count(verdict)} {verdict.value}" for verdict in Verdict)
        correct, wrong = (verdicts.count(verdict) for verdict in _SURE)
        met, wanted = {
            "key sentences": (correct == len(asked), "all correct"),
            "right, in own words": (wrong == 0, "none incorrect"),
        }.get(kind, (correct == 0, "none correct"))
        yield Row(f"the bank, {kind}", counts, wanted, met)
        count += len(asked)
    yield Row(
        "the bank, processor time for one answer with its encoding",
        f"{(time.process_time() - began) / count * 1000:.1f} ms",
    )


def _shuffled(text: str, rng: random.Random) -> list[str]:
    found = text.split()
    rng.shuffle(found)
    return found


def _at_most(what: str, found: np.ndarray, most: float) -> Row:
    share = float(found.mean()) if len(found) else 0.0
    return Row(what, f"{share:.3f} ({found.sum()} of {len(found)})", f"<= {most:.2f}", share <= most)
