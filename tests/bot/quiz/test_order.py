"""What is asked first: new and due in turn, the most overdue first, and nothing twice a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.quiz.order import ask_order
from bot.quiz.schedule import Memory, Rating, review

NOW = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)


def planned(interval_days: float, since_days: float) -> Memory:
    last = NOW - timedelta(days=since_days)
    return Memory(2, None, max(interval_days, 0.1), 5.0, last + timedelta(days=interval_days), last)


def test_new_and_due_take_turns() -> None:
    """Neither old debts nor novelty keeps the other from being asked; the rest follows when one side is used up."""
    memories = {"x": planned(2, 4), "y": planned(2, 3)}
    assert ask_order(["a", "x", "b", "y", "c"], memories, NOW) == ("a", "x", "b", "y", "c")
    assert ask_order(["y", "x"], memories, NOW) == ("x", "y")
    assert ask_order(["c", "a", "b"], {}, NOW) == ("c", "a", "b")
    assert ask_order([], memories, NOW) == ()


def test_turns_go_on_between_questions() -> None:
    """Asked one at a time, with the order made anew after each answer, new and due still alternate."""
    items = ["n1", "n2", "n3", "d1", "d2", "d3"]
    memories = {item: planned(2, 5) for item in items if item.startswith("d")}
    asked = []
    for minute in range(6):
        now = NOW + timedelta(minutes=minute)
        asked.append(ask_order(items, memories, now)[0])
        memories[asked[-1]] = review(memories.get(asked[-1]), Rating.Good, now)
    assert asked == ["n1", "d1", "n2", "d2", "n3", "d3"]


def test_the_most_overdue_in_proportion_comes_first() -> None:
    """Three days late is much for an interval of two days and little for one of thirty."""
    memories = {"long": planned(30, 33), "short": planned(2, 5)}
    assert ask_order(["long", "short"], memories, NOW) == ("short", "long")


def test_what_was_answered_today_comes_last() -> None:
    """An item whose learning step ends in a minute waits until all others, even those not due, had their turn."""
    memories = {"today": review(None, Rating.Again, NOW - timedelta(minutes=5)), "later": planned(9, 1)}
    assert memories["today"].due < NOW
    assert ask_order(["today", "later", "new"], memories, NOW) == ("new", "later", "today")


@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(st.floats(0.0, 50.0), st.floats(0.0, 90.0))),
    st.permutations("abcdefgh"),
)
def test_every_item_is_asked_once(plans: dict[str, tuple[float, float]], items: list[str]) -> None:
    """The order holds each item exactly once, with memories of other items left aside."""
    memories = {item: planned(*plan) for item, plan in plans.items()} | {"gone": planned(1, 2)}
    order = ask_order(items, memories, NOW)
    assert sorted(order) == sorted(items)
    early = [item for item in items if item in plans and memories[item].due > NOW and plans[item][1] >= 1]
    due = [item for item in items if item in plans and memories[item].due <= NOW and plans[item][1] >= 1]
    assert all(order.index(one) < order.index(other) for one in due for other in early)


def test_only_aware_utc_is_time() -> None:
    """A naive time is refused."""
    with pytest.raises(ValueError, match="not aware UTC"):
        ask_order(["a"], {}, NOW.replace(tzinfo=None))
