"""The schedule is FSRS-6 as its authors publish it, and rating an answer is ours."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta, timezone

import fsrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.quiz.schedule import Memory, Rating, rating_of, recall, review
from tests.bot.quiz.made_up import recalled

START = datetime(2022, 11, 29, 12, 30, tzinfo=UTC)
HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(Rating),
        st.one_of(st.timedeltas(timedelta(0), timedelta(hours=30)), st.timedeltas(timedelta(0), timedelta(days=400))),
    ),
    min_size=1,
    max_size=15,
)


def replay(ratings: list[Rating], days_before: list[int]) -> Memory:
    memory, now = None, START
    for rating, days in zip(ratings, days_before, strict=True):
        now += timedelta(days=days)
        memory = review(memory, rating, now)
    assert memory is not None
    return memory


@given(HISTORIES)
def test_it_is_the_schedule_of_fsrs(history: list[tuple[Rating, timedelta]]) -> None:
    """After every answer of any history all that is known equals fsrs's own, kept in its own card throughout."""
    scheduler = fsrs.Scheduler(enable_fuzzing=False)
    card, memory, now = fsrs.Card(card_id=7, due=START), None, START
    for rating, gap in history:
        now += gap
        card, _ = scheduler.review_card(card, rating, now)
        memory = review(memory, rating, now)
        assert memory == Memory(card.state, card.step, card.stability, card.difficulty, card.due, card.last_review)


def test_the_published_intervals() -> None:
    """The interval sequence of py-fsrs's tests/test_basic.py, test_review_card, for the parameters of 6.3."""
    memory, now, days = None, START, []
    for rating in [Rating.Good] * 6 + [Rating.Again] * 2 + [Rating.Good] * 5:
        memory = review(memory, rating, now)
        days.append((memory.due - now).days)
        now = memory.due
    assert days == [0, 2, 11, 46, 163, 498, 0, 0, 2, 4, 7, 12, 21]


def test_the_published_memory_state() -> None:
    """Stability and difficulty of py-fsrs's tests/test_basic.py, test_memo_state, for the parameters of 6.3."""
    memory = replay([Rating.Again, *[Rating.Good] * 5], [0, 0, 1, 3, 8, 21])
    assert memory.stability == pytest.approx(53.62691, abs=1e-4)
    assert memory.difficulty == pytest.approx(6.3574867, abs=1e-4)


def test_the_published_floor_of_difficulty() -> None:
    """Ten easy answers bring difficulty to its floor of 1, as in py-fsrs's test_repeated_correct_reviews."""
    assert replay([Rating.Easy] * 10, [0] * 10).difficulty == 1.0


def test_the_published_first_stabilities() -> None:
    """The first answer sets stability to the first four parameters of fsrs's README."""
    found = [review(None, rating, START).stability for rating in Rating]
    assert found == [0.212, 1.2931, 2.3065, 8.2956]


@pytest.mark.parametrize("now", [datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))])
def test_only_aware_utc_is_time(now: datetime) -> None:
    """A naive or local time is refused everywhere, not silently taken for UTC."""
    memory = review(None, Rating.Good, START)
    for act in (
        lambda: review(None, Rating.Good, now),
        lambda: review(memory, Rating.Good, now),
        lambda: Memory(1, 0, None, None, now, None),
        lambda: Memory(1, 0, None, None, START, now),
    ):
        with pytest.raises(ValueError, match="not aware UTC"):
            act()


def test_nothing_is_left_to_chance_or_changed() -> None:
    """The same history gives the same memory, and the memory before an answer stays as it was."""
    before = replay([Rating.Good] * 4, [0, 1, 5, 20])
    kept = Memory(before.state, before.step, before.stability, before.difficulty, before.due, before.last_review)
    found = {review(before, Rating.Good, before.due) for _ in range(50)}
    assert len(found) == 1
    assert before == kept


def test_no_review_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """fsrs's cards sleep when they make up their own id; on the event loop nobody may."""
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("slept"))
    with pytest.raises(pytest.fail.Exception, match="slept"):
        fsrs.Card()
    memory = review(None, Rating.Good, START)
    assert review(memory, Rating.Again, START) != memory


def test_an_unknown_state_is_refused() -> None:
    """Only the states of fsrs make a memory."""
    with pytest.raises(ValueError, match="9"):
        Memory(9, None, 1.0, 5.0, START, START)


@given(st.floats(0.001, 36500), st.integers(-3, 4000))
def test_the_curve_is_the_formula(stability: float, days: int) -> None:
    """The vectorised forgetting curve equals fsrs's own value, also for a clock that was set back."""
    memory = Memory(2, None, stability, 5.0, START, START)
    assert recall(days, stability) == pytest.approx(recalled(memory, START + timedelta(days=days)), rel=1e-12)


def test_the_curve_passes_through_its_definition() -> None:
    """Stability is the days after which nine in ten are remembered; the curve broadcasts and only falls."""
    stability = np.array([[0.5], [3.0], [200.0]])
    assert recall(stability, stability) == pytest.approx(0.9)
    curve = recall(np.arange(31), stability)
    assert curve.shape == (3, 31)
    assert (curve[:, 0] == 1).all()
    assert (np.diff(curve, axis=1) < 0).all()


@pytest.mark.parametrize(
    ("score", "hints", "rating"),
    [
        (0.0, 0, Rating.Again),
        (0.0, 2, Rating.Again),
        (0.49, 0, Rating.Again),
        (0.5, 0, Rating.Hard),
        (0.7, 1, Rating.Hard),
        (1.0, 1, Rating.Hard),
        (0.75, 0, Rating.Good),
        (1.0, 0, Rating.Good),
    ],
)
def test_how_answers_are_rated(score: float, hints: int, rating: Rating) -> None:
    """Wrong is Again whatever was hinted, a hint or a part makes it Hard, and right alone is Good."""
    assert rating_of(score, hints) is rating


@given(st.floats(0, 1), st.integers(0, 5))
def test_more_score_never_rates_lower_and_nothing_is_easy(score: float, hints: int) -> None:
    """Ratings rise with the score, fall with hints, and Easy, which skips learning, is never given."""
    rating = rating_of(score, hints)
    assert rating_of(score, hints + 1) <= rating <= rating_of(min(1.0, score + 0.1), hints)
    assert rating is not Rating.Easy


@pytest.mark.parametrize(("score", "hints"), [(-0.1, 0), (1.1, 0), (math.nan, 0), (1.0, -1)])
def test_what_is_no_score_is_refused(score: float, hints: int) -> None:
    """A score outside 0..1 is a fault of the program and not an answer."""
    with pytest.raises(ValueError, match="no rating"):
        rating_of(score, hints)
