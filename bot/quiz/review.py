"""The review of a drafted item: its faults, and the fields that can be edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from bot.quiz.bank import playable
from bot.quiz.items import Bank, Item, ItemKind
from bot.quiz.schema import Unusable


class State(StrEnum):
    """The decision about a draft."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


HOLDS = {"true": True, "false": False}
"""The values of the field `holds` in a form."""

_FIELDS: Mapping[ItemKind, tuple[str, ...]] = {
    ItemKind.CHOICE: ("question", "right", "wrong"),
    ItemKind.TRUTH: ("statement", "holds"),
    ItemKind.SIDE: ("statement",),
    ItemKind.GAP: ("gap", "wrong"),
    ItemKind.FREE: ("question",),
}


def editable(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the editable fields of a row as text; several options are one a line."""
    return {name: _shown(row[name]) for name in _FIELDS[ItemKind(row["kind"])]}


def edited(row: Mapping[str, Any], written: Mapping[str, str]) -> dict[str, Any]:
    """Return a row with new values of its editable fields; raises Unusable."""
    changes = {name: _read(name, written[name]) for name in _FIELDS[ItemKind(row["kind"])] if name in written}
    return {**row, **changes}


def holds(item: Item, texts: Mapping[str, str]) -> bool:
    """Return whether documents by id contain an item's quotes word for word."""
    return not playable(_alone(item), texts).faults


def faults(item: Item, bank: Bank, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is wrong with an item: by itself, against these texts by id, or next to the items of a bank."""
    # Imports rapidfuzz, which no learner needs.
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
    if isinstance(value, str):
        return value
    return "\n".join(map(str, value)) if isinstance(value, Sequence) else ""


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
