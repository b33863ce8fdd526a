"""What is asked, what it scores and what comes back."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.quiz.items import ItemKind
from bot.quiz.schedule import Rating, review
from bot.quiz.session import (
    MOST_HINTS,
    MOST_RETURNS,
    Session,
    Step,
    Submitted,
    after_hints,
    before_hints,
    choose,
    plan,
    returning,
    score_of,
)
from tests.bot.quiz.made_up import NOW, item

ITEMS = [item(f"{axis}{n}", axis=axis) for axis in "abc" for n in range(4)]


def test_what_is_due_is_asked_and_nothing_twice() -> None:
    """What is about to be forgotten is in every quiz, new items are too, and no item stands in one twice."""
    asked = review(None, Rating.Good, NOW - timedelta(days=9))
    memories = {"b1": asked, "c2": replace(asked, due=NOW + timedelta(days=9))}
    chosen = choose(ITEMS, memories, number=4, now=NOW, rng=random.Random(1))
    assert "b1" in [each.id for each in chosen[:2]]
    assert len({each.id for each in chosen}) == 4
    assert len({each.id for each in choose(ITEMS, memories, number=99, now=NOW, rng=random.Random(1))}) == len(ITEMS)


def test_a_short_quiz_touches_every_axis() -> None:
    """New items are dealt axis by axis, whatever the chance."""
    for seed in range(20):
        chosen = choose(ITEMS, {}, number=3, now=NOW, rng=random.Random(seed))
        assert {each.axis for each in chosen} == {"a", "b", "c"}


def test_the_same_chance_makes_the_same_quiz() -> None:
    """All chance comes from the caller."""
    first, second = (plan(choose(ITEMS, {}, number=9, now=NOW, rng=rng), rng) for rng in map(random.Random, (7, 7)))
    assert first == second


@given(st.randoms(use_true_random=False))
def test_options_are_a_permutation_and_fixed_pairs_stay(rng: random.Random) -> None:
    """Every option is shown once; true and false and the two sides keep their places."""
    choice, truth, side, free = plan(
        [item("1"), item("2", ItemKind.TRUTH), item("3", ItemKind.SIDE), item("4", ItemKind.FREE)], rng
    )
    assert sorted(choice.options) == [0, 1, 2]
    assert truth.options == side.options == (0, 1)
    assert free.options == ()


def test_options_are_really_shuffled() -> None:
    """The right answer does not stand in one place for all."""
    shown = {plan([item("1")], random.Random(seed))[0].options.index(0) for seed in range(30)}
    assert shown == {0, 1, 2}


@pytest.mark.parametrize(("hints", "score"), [(0, 1.0), (1, 0.8), (2, 0.6), (3, 0.4), (4, 0.2)])
def test_each_hint_costs_a_fifth(hints: int, score: float) -> None:
    """A right answer after all hints is still worth more than a wrong one."""
    assert MOST_HINTS == 4
    assert score_of(item("1"), 0, hints) == score
    assert score_of(item("1"), 1, hints) == 0.0


@pytest.mark.parametrize("hints", range(MOST_HINTS + 1))
@pytest.mark.parametrize("score", [0.0, 0.4, 0.8, 1.0])
def test_how_right_an_answer_was_does_not_depend_on_hints(score: float, hints: int) -> None:
    """Hints cost points; whether it was right is told without them."""
    assert before_hints(after_hints(score, hints), hints) == pytest.approx(score, abs=1e-5)


def test_a_failed_item_comes_back_at_the_end_and_not_for_ever() -> None:
    """It returns twice at most, last in line, and never in a public round."""
    failed = item("1")
    session = Session(5, person=1, guild=None, round=None, steps=plan([failed, item("2")], random.Random(0)))
    for times in range(1, MOST_RETURNS + 1):
        back = returning(session, failed, random.Random(times))
        assert back is not None
        assert (back.item, back.again, back.position) == ("1", True, len(session.steps))
        session = replace(session, steps=(*session.steps, back))
    assert returning(session, failed, random.Random(0)) is None
    assert returning(replace(session, round=3, steps=session.steps[:2]), failed, random.Random(0)) is None


def test_next_is_what_still_waits() -> None:
    """Ahead first, then what was passed over; nothing when all is answered."""
    done = Submitted(0, 1.0, 0, NOW, review(None, Rating.Good, NOW))
    steps = tuple(Step(n, str(n), "v1", (), submitted=done if n == 1 else None) for n in range(4))
    session = Session(1, 1, None, None, steps)
    assert [session.next_after(position) for position in (-1, 0, 1, 2, 3)] == [0, 2, 2, 3, 0]
    finished = Session(1, 1, None, None, tuple(replace(step, submitted=done) for step in steps))
    assert finished.next_after(0) is None
