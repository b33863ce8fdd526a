"""Writes drafts down: as a file of the bank's form, or as one JSON object for a program that keeps them one by one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.quiz.drafting.drafts import Draft


def as_json(drafts: Sequence[Draft], generation: str) -> str:
    """Give one object: the generation, and of each draft its axis, the axis's title and its row."""
    rows = [{"axis": draft.item.axis, "title": draft.title, "row": draft.row} for draft in drafts]
    return json.dumps({"generation": generation, "drafts": rows}, ensure_ascii=False)


def as_yaml(drafts: Sequence[Draft]) -> str:
    """Give a file of the bank's form, a part for each axis, the best items of it first."""
    parts: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for draft in drafts:
        parts.setdefault((draft.item.axis, draft.title), []).append(draft.row)
    files = [{"axis": axis, "title": title, "items": items} for (axis, title), items in parts.items()]
    return yaml.safe_dump_all(files, allow_unicode=True, sort_keys=False, width=120, explicit_start=True).rstrip()
