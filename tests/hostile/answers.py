"""Gives hostile free answers to the grader, and looks at what their writers would see."""

from __future__ import annotations

import math
import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.learning.views import Shown
from bot.quiz.bank import read_bank
from bot.quiz.grading import FreeAnswer, Grade, Verdict, grade
from bot.quiz.items import Item, ItemKind
from bot.quiz.schedule import Memory
from bot.quiz.session import FreeResult, PointResult, Step, Submitted
from bot.ui.quiz.step import step_view
from tests.bot.scripted import quote
from tests.hostile.layouts import look
from tests.hostile.tally import HANG_S, Tally, shown
from tests.hostile.texts import mutated, texts
from tests.index.fakes import FakeEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.answering.answer import Quote
    from index.models.encoder import Encoder

_TOGETHER = 16
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_MEMORY = Memory(1, 0, 1.0, 5.0, _NOW, _NOW)


def run(count: int, seed: int, *, real: bool = False) -> Tally:
    """Have so many answers to the bank's own questions, or to hostile ones, graded; by the real model or the fake."""
    encoder: Encoder = FakeEncoder()
    if real:
        from bot.libraries.opening import load_encoder
        from tests.bench.quality import essay_settings

        encoder = load_encoder(essay_settings())
    rng, tally = random.Random(seed), Tally()
    items = [item for item in read_bank().items if item.kind is ItemKind.FREE]
    asked = [_asked(rng, rng.choice(items), text) for text in texts(count, seed)]
    for first in range(0, count, _TOGETHER):
        some = asked[first : first + _TOGETHER]
        tally.count(f"free answers, {'the real model' if real else 'the fake'}", len(some))
        began = time.process_time()
        _graded(tally, some, encoder)
        cpu_s = time.process_time() - began
        if cpu_s < HANG_S:
            tally.took(cpu_s / len(some), ("one of", len(some), some[0].answer))
            continue
        for each in some:
            began = time.process_time()
            _graded(Tally(), [each], encoder)
            # By the real model the longest answer takes about a second: it is read in up to ninety pieces.
            tally.took(time.process_time() - began, each, 2 * HANG_S if real else HANG_S)
    return tally


def _asked(rng: random.Random, item: Item, text: str) -> FreeAnswer:
    """Answer an item with a text, with its own points changed, or make the item itself hostile."""
    match rng.randrange(4):
        case 0:
            return FreeAnswer(item.question, item.points, mutated(rng, " ".join(item.points)))
        case 1:
            return FreeAnswer(mutated(rng, item.question), tuple(mutated(rng, each) for each in item.points), text)
        case 2:
            return FreeAnswer(text, (text[:600],), text[::-1])
        case 3 if rng.random() < 0.3:
            return FreeAnswer(
                f"{item.question} "[:99] * 4, tuple((f"{n} " + 99 * point)[:600] for n, point in enumerate("abc")), text
            )
        case _:
            return FreeAnswer(item.question, item.points, text)


def _graded(tally: Tally, some: Sequence[FreeAnswer], encoder: Encoder) -> None:
    try:
        found = grade(some, encoder)
    except Exception:
        # One of them: which, they show one by one.
        found = []
        for each in some:
            try:
                found += grade([each], encoder)
            except Exception as error:
                tally.crashed(error, each)
                found.append(Grade(0.0, Verdict.UNSURE, ()))
    for free, graded in zip(some, found, strict=True):
        if not (math.isfinite(graded.score) and 0 <= graded.score <= 1):
            tally.crashes.append(f"a grade of {graded.score} for {shown(free)}")
        try:
            look(tally, step_view(_shown(free, graded), free.answer[:4000]), free, _quotes(free))
        except Exception as error:
            tally.crashed(error, free)


def _quotes(free: FreeAnswer) -> list[Quote]:
    return [quote(point, source=f"{'.' * n}{point}", title="A text") for n, point in enumerate(free.points) if point]


def _shown(free: FreeAnswer, graded: Grade) -> Shown:
    """Say what the person sees next; the question as a bank may hold it."""
    points = tuple(PointResult(point.sentence, point.hit) for point in graded.points)
    unsure = graded.verdict is Verdict.UNSURE
    submitted = None if unsure else Submitted(-1, graded.score, 0, _NOW, _MEMORY)
    step = Step(0, "x", "v", (), graded=FreeResult(None if unsure else graded.score, points), submitted=submitted)
    item = Item(
        "x", ItemKind.FREE, "thesis", "both", 1, free.question[:400], (), -1, "q", free.points, "Why.", "f", "v"
    )
    quotes = tuple(_quotes(free))
    return Shown(1, step, 3, item, "Axis", quotes, 1, _NOW, secret=False, in_round=False)
