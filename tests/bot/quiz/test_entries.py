"""Rows become items and items rows, whatever the kind; what is wrong with a row is said in one line."""

from __future__ import annotations

import json

import pytest

from bot.quiz.bank import FOLDER, read_bank
from bot.quiz.entries import entry_row, read_entry
from bot.quiz.items import Item
from bot.quiz.schema import ContrastFile, Unusable

TABLE = ContrastFile.model_validate(
    {
        "axes": {"memory": "Memory"},
        "sides": {"metaverse": "the metaverse", "internet": "the Internet"},
        "truth": ["True", "False"],
        "contrasts": [],
    }
)
GAP = {
    "id": "a-gap",
    "kind": "gap",
    "side": "both",
    "difficulty": 2,
    "quote": "Clay remembers the hand that shaped it.",
    "gap": "hand",
    "wrong": ["fire", "wheel"],
    "why": "It was shaped by it.",
}


@pytest.mark.parametrize("item", read_bank().items, ids=lambda item: item.id)
def test_every_shipped_item_survives_the_round_trip(item: Item) -> None:
    """Kept as JSON and read again it is the same item with the same version, so that answers to it still count."""
    row = json.loads(json.dumps(entry_row(item)))
    assert read_entry(row, axis=item.axis, file=item.file, table=TABLE) == item


def test_a_row_needs_no_table() -> None:
    """What is about both sides, or none, stands by itself."""
    item = read_entry(GAP, axis="memory", file="drafts")
    assert (item.axis, item.file, item.options[item.key]) == ("memory", "drafts", "hand")
    assert entry_row(item) == GAP


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"gap": "foot"}, "must stand in the quote exactly once"),
        ({"wrong": ["hand"]}, "two right answers"),
        ({"side": "metaverse"}, "is not one of"),
        ({"difficulty": 9}, "gap.difficulty: "),
        ({"kind": "riddle"}, "riddle"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(change: dict[str, object], reason: str) -> None:
    """In a sentence for whoever edits it, whatever the fault."""
    with pytest.raises(Unusable, match=reason):
        read_entry({**GAP, **change}, axis="memory", file="drafts")


def test_the_folder_is_where_the_bank_is() -> None:
    """The table of this test has the sides of the shipped one."""
    assert set(TABLE.sides) == set(read_bank(FOLDER).sides)
