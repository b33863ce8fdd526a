"""Items for tests of the engine: short, of every kind, about nothing in particular."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import fsrs

from bot.quiz.items import BLANK, Item, ItemKind
from bot.quiz.schedule import Memory

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def item(id: str, kind: ItemKind = ItemKind.CHOICE, **changes: Any) -> Item:
    """Return an item of a kind; `changes` replace fields."""
    options = {
        ItemKind.CHOICE: ("clay", "glass", "wood"),
        ItemKind.TRUTH: ("True", "False"),
        ItemKind.SIDE: ("the potter", "the glazier"),
        ItemKind.GAP: ("hand", "fire", "wheel"),
        ItemKind.FREE: (),
    }[kind]
    quote = "Clay remembers the hand that shaped it, and glass forgets the fire at once."
    fields: dict[str, object] = {
        "id": id,
        "kind": kind,
        "axis": "memory",
        "side": "potter",
        "difficulty": 1,
        "question": f"Clay remembers the {BLANK} that shaped it." if kind is ItemKind.GAP else f"What of {id}?",
        "options": options,
        "key": 0 if options else -1,
        "quote": quote,
        "points": () if options else (quote,),
        "why": "It was shaped by it.",
        "file": "made_up.yaml",
        "version": "v1",
    }
    return Item(**{**fields, **changes})  # type: ignore[arg-type]


def recalled(memory: Memory, now: datetime) -> float:
    """Return fsrs's own probability that the item is remembered at `now`."""
    card = fsrs.Card(
        card_id=0,
        state=fsrs.State(memory.state),
        step=memory.step,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due,
        last_review=memory.last_review,
    )
    return fsrs.Scheduler(enable_fuzzing=False).get_card_retrievability(card, now)
