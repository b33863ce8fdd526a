"""Reads the bank of quiz items; what cannot be used becomes a fault with its file, its id and the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

import prompts
from bot.quiz.entries import faults_of, read_entry
from bot.quiz.items import Bank, BankFault, Claim, Contrast, Item
from bot.quiz.schema import ContrastFile, ItemFile, Unusable

FOLDER = prompts.FOLDER / "quiz"
TABLE = "contrast.yaml"

_Found = Iterator[Item | BankFault]


def read_bank(folder: Path = FOLDER, files: Sequence[Path] | None = None) -> Bank:
    """Read the table of contrasts and the item files of a folder, or these files instead of the folder's.

    A file has parts of one axis each, separated by `---`, and may define axes. A fault does not stop the rest.
    """
    table, faults = _table(folder / TABLE)
    chosen = sorted(path for path in folder.glob("*.yaml") if path.name != TABLE) if files is None else files
    contrasts = {contrast.id: contrast for contrast in _contrasts(table)}
    items: dict[str, Item] = {}
    axes = dict(table.axes)
    for path in chosen:
        for found in _file(path, table, contrasts, axes):
            if isinstance(found, BankFault):
                faults.append(found)
            elif found.id in items:
                reason = f"the id stands in {items[found.id].file} already; give each item one of its own"
                faults.append(BankFault(found.file, found.id, reason))
            else:
                items[found.id] = found
    if files is not None:
        # Files about other documents need no contrasts.
        asked = {item.axis for item in items.values()}
        contrasts = {id: contrast for id, contrast in contrasts.items() if contrast.axis in asked}
    order = {axis: number for number, axis in enumerate(axes)}
    ordered = sorted(items.values(), key=lambda item: order[item.axis])
    return Bank(tuple(ordered), axes, table.sides, tuple(contrasts.values()), tuple(faults))


def locate(quote: str, texts: Mapping[str, str]) -> tuple[str, int, int] | None:
    """Return the document, start and end of a quote in documents by id; None when no document has it."""
    for document, text in texts.items():
        if (start := text.find(quote)) >= 0:
            return document, start, start + len(quote)
    return None


def playable(bank: Bank, texts: Mapping[str, str]) -> Bank:
    """Keep the items and contrasts whose quotes are in these documents; the others become faults."""
    faults: dict[tuple[str, str], BankFault] = {}
    items = [(item.file, item.id, (item.quote, *item.points)) for item in bank.items]
    table = [(TABLE, each.id, tuple(claim.quote for claim in each.claims.values())) for each in bank.contrasts]
    for file, id, quotes in (*items, *table):
        missing = [quote for quote in quotes if locate(quote, texts) is None]
        if missing:
            faults[file, id] = BankFault(file, id, f"not in the library, word for word: {_short(missing[0])}")
    return replace(
        bank,
        items=tuple(item for item in bank.items if (item.file, item.id) not in faults),
        contrasts=tuple(contrast for contrast in bank.contrasts if (TABLE, contrast.id) not in faults),
        faults=(*bank.faults, *faults.values()),
    )


def _table(path: Path) -> tuple[ContrastFile, list[BankFault]]:
    try:
        return ContrastFile.model_validate(documents_of(path)[0]), []
    except (Unusable, ValidationError) as error:
        empty = ContrastFile(axes={}, sides={}, truth=("True", "False"), contrasts=[])
        return empty, [BankFault(path.name, "", _why(error))]


def _contrasts(table: ContrastFile) -> Iterator[Contrast]:
    for row in table.contrasts:
        claims = {side: Claim(row.sides[side].claim, row.sides[side].quote) for side in table.sides}
        yield Contrast(row.id, row.axis, row.about, claims)


def _file(path: Path, table: ContrastFile, contrasts: Mapping[str, Contrast], axes: dict[str, str]) -> _Found:
    """Read the parts of a file, of one axis each; the axes that it defines are added to `axes`."""
    try:
        parts = [ItemFile.model_validate(part) for part in documents_of(path)]
    except (Unusable, ValidationError) as error:
        yield BankFault(path.name, "", _why(error))
        return
    for part in parts:
        if reason := _misnamed(part, axes):
            yield BankFault(path.name, "", reason)
            continue
        axes.setdefault(part.axis, part.title or "")
        for number, row in enumerate(part.items, 1):
            name = str(row.get("id") or f"item {number}") if isinstance(row, dict) else f"item {number}"
            try:
                yield read_entry(row, axis=part.axis, file=path.name, table=table, contrasts=contrasts)
            except Unusable as error:
                yield BankFault(path.name, name, str(error))


def _misnamed(part: ItemFile, axes: Mapping[str, str]) -> str | None:
    if part.axis not in axes:
        if part.title is not None:
            return None
        return f"the axis {part.axis!r} is not one of {', '.join(axes)}; give it a `title` to make it one"
    if part.title not in (None, axes[part.axis]):
        return f"the axis {part.axis!r} is called {axes[part.axis]!r} already; leave the title out or name another axis"
    return None


def documents_of(path: Path) -> list[Any]:
    """Read all documents of a YAML file; raises Unusable when it is none."""
    try:
        return list(yaml.safe_load_all(path.read_text(encoding="utf-8"))) or [None]
    except OSError as error:
        raise Unusable(f"cannot be read: {error.strerror}") from error
    except Exception as error:  # PyYAML raises many types on odd dates, numbers and depths
        raise Unusable(f"is not YAML in UTF-8: {' '.join(str(error).split())}") from error


def _why(error: Unusable | ValidationError) -> str:
    return str(error) if isinstance(error, Unusable) else faults_of(error)


def _short(quote: str) -> str:
    return repr(quote if len(quote) <= 80 else f"{quote[:77]}…")
