"""Converts rows of the bank, from files or stored drafts, into items and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.quiz.items import Contrast, Item, ItemKind
from bot.quiz.schema import ContrastFile, Entry, Unusable

_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
_NO_TABLE = ContrastFile(axes={}, sides={}, truth=("True", "False"), contrasts=[])


def read_entry(
    row: object,
    *,
    axis: str,
    file: str = "drafts",
    table: ContrastFile = _NO_TABLE,
    contrasts: Mapping[str, Contrast] | None = None,
) -> Item:
    """Return a row as an item; raises Unusable with the reason.

    The defaults read drafted items: without a table there are no sides but `both`, and no contrasts.
    """
    try:
        entry = _ENTRY.validate_python(row)
    except ValidationError as error:
        raise Unusable(faults_of(error)) from error
    fields = {
        "id": entry.id,
        "kind": entry.kind,
        "axis": axis,
        "side": entry.side,
        "difficulty": entry.difficulty,
        "why": entry.why,
        **entry.parts(table, contrasts or {}),
    }
    return Item(**fields, file=file, version=_version(fields))


def entry_row(item: Item) -> dict[str, Any]:
    """Return an item as a row of plain JSON values; the claims of a contrast are written out."""
    row: dict[str, Any] = {"id": item.id, "kind": item.kind.value, "side": item.side, "difficulty": item.difficulty}
    wrong = [option for number, option in enumerate(item.options) if number != item.key]
    match item.kind:
        case ItemKind.GAP:
            row |= {"quote": item.quote, "gap": item.options[item.key], "wrong": wrong}
        case ItemKind.CHOICE:
            row |= {"question": item.question, "right": item.options[item.key], "wrong": wrong, "quote": item.quote}
        case ItemKind.TRUTH:
            row |= {"statement": item.question, "holds": item.key == 0, "quote": item.quote}
        case ItemKind.SIDE:
            row |= {"statement": item.question, "quote": item.quote}
        case ItemKind.FREE:
            row |= {"question": item.question, "points": list(item.points)}
    return {**row, "why": item.why}


def faults_of(error: ValidationError) -> str:
    """Return all errors in one line."""
    first = error.errors(include_input=False, include_url=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}" for fault in first)


def _version(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:12]
