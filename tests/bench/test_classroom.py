"""The simulated class compares fairly: its memories follow their formulas, and groups differ in order alone."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import fsrs
import numpy as np
import pytest

from tests.bench.classroom import END, GROUPS, ITEMS, PRACTICE_DAYS, AtRandom, InRounds, OnlyDue, Scheduled, run
from tests.bench.memories import Activation, PerturbedFsrs


def test_activation_follows_its_formula() -> None:
    """Recall after many practices equals the sum of powers written out, beyond the room first made for them."""
    memory = Activation(np.random.default_rng(1), 2)
    intercept, scale, threshold = memory._intercept, memory._scale, memory._threshold
    traces: list[tuple[float, float]] = []
    for day in range(40):
        now = day * 86400 * 0.025 + 30 + 1
        strength = sum((now - time) ** -decay for time, decay in traces)
        traces.append((now, intercept + scale * strength))
        memory.practise(0, day, 30, recalled=True)
    activation = math.log(sum((50 * 86400 * 0.025 + 1 - time) ** -decay for time, decay in traces))
    assert memory.recall(50)[0] == pytest.approx(1 / (1 + math.exp((threshold - activation) / 0.255)))
    assert memory.recall(50)[1] == 0


def test_perturbed_memory_is_fsrs_with_other_parameters() -> None:
    """Recall equals the library's own for the drawn parameters, which are not the defaults."""
    memory = PerturbedFsrs(np.random.default_rng(1), 2)
    scheduler = memory._scheduler
    assert scheduler.parameters != fsrs.Scheduler().parameters
    card, start = fsrs.Card(card_id=0), datetime(2026, 1, 1, tzinfo=UTC)
    for day, recalled in ((0, False), (1, True), (4, True), (9, False)):
        memory.practise(1, day, 0, recalled=recalled)
        rating = fsrs.Rating.Good if recalled else fsrs.Rating.Again
        card, _ = scheduler.review_card(card, rating, start + timedelta(days=day))
    expected = scheduler.get_card_retrievability(card, start + timedelta(days=30))
    assert memory.recall(30).tolist() == [0, pytest.approx(expected)]


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_is_asked_as_many_questions(group: type[Scheduled]) -> None:
    """All groups answer the whole budget, but the one that stops when nothing is due; the seeds are fixed."""
    found = run("Activation (ACT-R)", 5, group, learners=2)
    assert found.remembered.shape == (2, END + 1)
    assert (found.remembered[:, 0] == 0).all()
    assert (found.remembered[:, END] < found.remembered[:, PRACTICE_DAYS]).all()
    assert found.asked <= 5 * PRACTICE_DAYS if group is OnlyDue else found.asked == 5 * PRACTICE_DAYS
    assert (run("Activation (ACT-R)", 5, group, learners=2).remembered == found.remembered).all()


def test_the_random_group_draws_anew_each_day() -> None:
    """Within a day no item comes twice; rounds go through all items before any comes again."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    drill, rounds = AtRandom(np.random.default_rng(1)), InRounds(np.random.default_rng(1))
    days = [[drill.choose(now + timedelta(days=day)) for _ in range(10)] for day in range(2)]
    assert all(len(set(day)) == 10 for day in days)
    assert days[0] != days[1]
    assert len({rounds.choose(now) for _ in range(ITEMS)}) == ITEMS
