"""The order in which items are asked; the rule was chosen by tests/bench/classroom.py."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from typing import TypeVar

from bot.quiz.schedule import Memory, require_utc

T = TypeVar("T")
_DAY = timedelta(days=1)


def in_turn(things: Iterable[T], group: Callable[[T], Hashable]) -> list[T]:
    """Take one thing of each group in turn, in their order: "aabbc" by letter -> "a", "b", "c", "a", "b"."""
    groups: dict[Hashable, list[T]] = {}
    for thing in things:
        groups.setdefault(group(thing), []).append(thing)
    return [thing for turn in zip_longest(*groups.values()) for thing in turn if thing is not None]


def ask_order(items: Sequence[str], memories: Mapping[str, Memory], now: datetime) -> tuple[str, ...]:
    """Return all items, best to ask first; new ones keep their order (shuffle them before).

    New and due items alternate, then those not due yet, and last those answered today (UTC). Of the known ones the
    most overdue in proportion to its interval comes first. Raises ValueError when `now` is not aware UTC.
    """
    require_utc(now)
    known = {item: memories[item] for item in items if item in memories}
    today = [item for item, memory in known.items() if memory.last_review and memory.last_review.date() == now.date()]
    # The learning steps of FSRS (minutes) are for sessions of an hour; in a quiz of five a repeat costs another item.
    waiting = sorted(known.keys() - set(today), key=lambda item: (-_overdue(known[item], now), item))
    due = [item for item in waiting if known[item].due <= now]
    early = [item for item in waiting if known[item].due > now]
    new = [item for item in items if item not in known]
    # With due items first, a learner of few questions a day would never see new ones. After an odd number of items
    # today a due one is next, so that the alternation goes on between sessions.
    first, second = (due, new) if len(today) % 2 else (new, due)
    turns = chain.from_iterable(zip_longest(first, second))
    return (*(item for item in turns if item is not None), *early, *sorted(today, key=lambda item: known[item].due))


def _overdue(memory: Memory, now: datetime) -> float:
    """Return the time since the last answer in planned intervals of at least a day: 1 is just due."""
    if memory.last_review is None:
        return float("inf")
    return (now - memory.last_review) / max(memory.due - memory.last_review, _DAY)
