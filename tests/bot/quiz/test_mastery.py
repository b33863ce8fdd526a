"""The facts of /progress follow from the rows alone."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.quiz.mastery import CALENDAR_DAYS, CURVE_DAYS, Answered, progress, streaks
from bot.quiz.schedule import Memory, Rating, rating_of, review
from tests.bot.quiz.made_up import recalled

NOW = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
BANK = {"logic": ("a", "b", "c"), "form": ("d",), "place": ("e", "f")}
AXIS_OF = {item: axis for axis, items in BANK.items() for item in items}


def learner(seed: int, items: str = "abcdef", days: int = 90) -> tuple[list[Answered], dict[str, Memory]]:
    """Answer at random times of the last days and remember by the schedule."""
    rng = random.Random(seed)
    times = sorted(NOW - timedelta(minutes=rng.randrange(days * 24 * 60)) for _ in range(60))
    answers: list[Answered] = []
    memories: dict[str, Memory] = {}
    for moment in times:
        item = rng.choice(items)
        score = rng.choice([0.0, 0.5, 1.0])
        answers.append(Answered(item, AXIS_OF.get(item, "gone"), score, moment))
        memories[item] = review(memories.get(item), rating_of(score, 0), moment)
    return answers, memories


def days(*ago: int) -> list[date]:
    return [TODAY - timedelta(days=each) for each in ago]


def test_nothing_answered_yet() -> None:
    """A newcomer has zeros everywhere and no accuracy, not an error."""
    found = progress([], {}, BANK, NOW)
    assert [(each.axis, each.seen, each.items, each.mastery, each.answers) for each in found.axes] == [
        ("logic", 0, 3, 0.0, 0),
        ("form", 0, 1, 0.0, 0),
        ("place", 0, 2, 0.0, 0),
    ]
    assert [each.accuracy for each in found.axes] == [None] * 3
    assert (found.streak_days, found.longest_streak_days, found.due_now, found.due_within_week) == (0, 0, 0, 0)
    assert found.remembered == (0.0,) * (CURVE_DAYS + 1)
    assert found.daily == (0,) * CALENDAR_DAYS
    assert progress([], {}, {}, NOW).axes == ()
    assert progress([], {}, {"empty": ()}, NOW).axes[0].mastery == 0.0


def held(memory: Memory | None, then: datetime) -> float:
    """Retrievability, but what was answered within the last day counts as it will stand a day after the answer."""
    if memory is None or memory.last_review is None:
        return 0.0
    return recalled(memory, max(then, memory.last_review + timedelta(days=1)))


@pytest.mark.parametrize("seed", range(5))
def test_mastery_is_the_mean_over_all_items(seed: int) -> None:
    """Unseen items weigh as nothing remembered: answering one item of three for ever cannot fill its axis."""
    answers, memories = learner(seed, items="abde")
    found = progress(answers, memories, BANK, NOW)
    for each in found.axes:
        values = [held(memories.get(item), NOW) for item in BANK[each.axis]]
        assert each.mastery == pytest.approx(sum(values) / len(values), rel=1e-12)
    assert found.axes[0].mastery <= 2 / 3
    assert [each.seen for each in found.axes] == [2, 1, 1]
    assert sum(each.mastery * each.items for each in found.axes) == pytest.approx(found.remembered[0])


@pytest.mark.parametrize("seed", range(5))
def test_the_curve_is_what_fsrs_expects_each_day(seed: int) -> None:
    """Each point is the sum of the retrievabilities at that time, and without reviews it never rises."""
    answers, memories = learner(seed)
    found = progress(answers, memories, BANK, NOW)
    assert len(found.remembered) == CURVE_DAYS + 1
    for ahead, expected in enumerate(found.remembered):
        then = NOW + timedelta(days=ahead)
        assert expected == pytest.approx(sum(held(memory, then) for memory in memories.values()), rel=1e-12)
    assert list(found.remembered) == sorted(found.remembered, reverse=True)
    assert found.remembered[-1] < found.remembered[0]


def test_a_wrong_answer_is_not_remembered_until_midnight() -> None:
    """Whoever has got everything wrong today is not told that they know it all."""
    failed = {item: review(None, Rating.Again, NOW) for item in AXIS_OF}
    known = {item: review(None, Rating.Good, NOW) for item in AXIS_OF}
    worse, better = (progress([], memories, BANK, NOW).remembered[0] for memories in (failed, known))
    assert worse < 0.9 * len(AXIS_OF)
    assert worse < better


def test_answers_and_accuracy_are_by_axis() -> None:
    """Accuracy is the mean score of all answers of the axis, repeated ones too."""
    rows = [("a", 1.0), ("a", 0.0), ("b", 0.5), ("d", 1.0)]
    answers = [Answered(item, AXIS_OF[item], score, NOW) for item, score in rows]
    found = progress(answers, {}, BANK, NOW).axes
    assert [(each.answers, each.accuracy) for each in found] == [(3, 0.5), (1, 1.0), (0, None)]
    assert [each.seen for each in found] == [2, 1, 0]


def test_due_counts() -> None:
    """Due now is due at this very moment or before; within a week counts those too; items gone are not asked."""
    dues = {"a": timedelta(0), "b": timedelta(days=-3), "c": timedelta(seconds=1), "d": timedelta(days=7)}
    dues |= {"e": timedelta(days=7, seconds=1), "gone": timedelta(days=-1)}
    memories = {item: Memory(2, None, 5.0, 5.0, NOW + ahead, NOW - timedelta(days=9)) for item, ahead in dues.items()}
    found = progress([], memories, BANK, NOW)
    assert (found.due_now, found.due_within_week) == (2, 4)


def test_items_that_left_the_bank() -> None:
    """They count as days practised, but are neither seen nor remembered any more."""
    memory = review(None, Rating.Good, NOW)
    found = progress([Answered("gone", "logic", 1.0, NOW)], {"gone": memory}, BANK, NOW)
    assert found.streak_days == 1
    assert found.remembered[0] == 0
    assert (found.seen, found.answers) == (0, 1)


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        ([], (0, 0)),
        ([0], (1, 1)),
        ([1], (1, 1)),
        ([2], (0, 1)),
        ([0, 1, 2, 4], (3, 3)),
        ([1, 2, 2, 2, 9, 8, 7, 6], (2, 4)),
        ([-1, 0], (1, 1)),
        ([3, 4, 5], (0, 3)),
    ],
)
def test_streaks(ago: list[int], expected: tuple[int, int]) -> None:
    """A streak lives until a whole day was missed; a day counts once; days to come do not count."""
    assert streaks(days(*ago), TODAY) == expected


@given(st.sets(st.integers(0, 40)))
def test_streaks_like_counting_on_fingers(ago: set[int]) -> None:
    """The runs equal those of a plain walk back through the days."""
    runs, run = [0], 0
    for each in range(42):
        run = run + 1 if each in ago else 0
        runs.append(run)
    start = 0 if 0 in ago else 1
    current = next(n for n in range(43) if start + n not in ago)
    assert streaks(days(*ago), TODAY) == (current, max(runs))


def test_days_are_utc_days() -> None:
    """Two answers two minutes apart around midnight are a streak of two, and the calendar ends today."""
    midnight = datetime(2026, 3, 31, tzinfo=UTC)
    answers = [Answered("a", "logic", 1.0, midnight + timedelta(minutes=each)) for each in (-1, 1, 2)]
    answers += [Answered("a", "logic", 1.0, midnight - timedelta(days=each)) for each in (83, 84)]
    found = progress(answers, {}, BANK, NOW)
    assert found.streak_days == 2
    assert found.daily[-2:] == (1, 2)
    assert found.daily[0] == 1
    assert sum(found.daily) == 4


def test_the_order_of_the_rows_does_not_matter() -> None:
    """The store may return answers in any order."""
    answers, memories = learner(3)
    shuffled = random.Random(1).sample(answers, len(answers))
    assert progress(shuffled, memories, BANK, NOW) == progress(answers, memories, BANK, NOW)


def test_only_aware_utc_is_time() -> None:
    """A naive time anywhere is refused."""
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="not aware UTC"):
        progress([], {}, BANK, naive)
    with pytest.raises(ValueError, match="not aware UTC"):
        progress([Answered("a", "logic", 1.0, naive)], {}, BANK, NOW)
