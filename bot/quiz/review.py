"""How a drafted item is looked at and changed before it may be asked: what is wrong with it, what can be edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from bot.quiz.bank import playable
from bot.quiz.items import Bank, Item, ItemKind
from bot.quiz.schema import Unusable


class State(StrEnum):
    """What was decided about a draft."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


HOLDS = {"true": True, "false": False}
"""How a form writes down whether a statement is true."""

_FIELDS: Mapping[ItemKind, tuple[str, ...]] = {
    ItemKind.CHOICE: ("question", "right", "wrong"),
    ItemKind.TRUTH: ("statement", "holds"),
    ItemKind.SIDE: ("statement",),
    ItemKind.GAP: ("gap", "wrong"),
    ItemKind.FREE: ("question",),
}


def editable(row: Mapping[str, Any]) -> dict[str, str]:
    """Give what can be edited of a row as text by field; of several options each stands on a line of its own."""
    return {name: _shown(row[name]) for name in _FIELDS[ItemKind(row["kind"])]}


def edited(row: Mapping[str, Any], written: Mapping[str, str]) -> dict[str, Any]:
    """Give a row with what was written into its fields; evidence, name and all the rest stay. Raises Unusable."""
    changes = {name: _read(name, written[name]) for name in _FIELDS[ItemKind(row["kind"])] if name in written}
    return {**row, **changes}


def holds(item: Item, texts: Mapping[str, str]) -> bool:
    """Say whether the documents, by their ids, bear an item out word for word."""
    return not playable(_alone(item), texts).faults


def faults(item: Item, bank: Bank, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Say what keeps an item from being asked beside those of a bank: by itself, by these texts, or as one twice."""
    # It brings the comparison of strings in, which no learner needs.
    from bot.quiz.check import asks_the_same, faults_of

    single = [*playable(_alone(item), texts).faults, *faults_of(item, bank.sides, texts)]
    twice = [other.id for other in bank.items if other.id != item.id and asks_the_same(item, other)]
    same = [f"asks nearly the same as {other}; leave one of them out" for other in twice]
    return (*(fault.reason for fault in single), *same)


def _alone(item: Item) -> Bank:
    return Bank((item,), {}, {}, ())


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return next(name for name, meant in HOLDS.items() if meant is value)
    return value if isinstance(value, str) else "\n".join(_strings(value))


def _strings(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, Sequence) else []


def _read(name: str, written: str) -> object:
    lines = [" ".join(line.split()) for line in written.splitlines()]
    match name:
        case "wrong":
            return [line for line in lines if line]
        case "holds":
            if written not in HOLDS:
                raise Unusable(f"`holds` is one of {', '.join(HOLDS)}")
            return HOLDS[written]
        case "gap":
            return written.strip()
    return " ".join(line for line in lines if line)
