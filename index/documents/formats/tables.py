"""Writes tables as lines of text, in which every cell stands under its column's heading."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LONGEST_HEADING = 60  # characters
_VALUES = 0.5  # of the cells under a heading, those that are values: numbers, marks, yes or no
_VALUE = re.compile(
    r"[^\w]*|\W*\d[\d.,:/%\s\u2013-]*\W*|[$€£]?\s?\d.{0,12}|yes|no|n/a|none|true|false|x|[\u2713\u2714\u2717\u2718]",
    re.IGNORECASE,
)


def table_lines(rows: Sequence[Sequence[str]], *, headed: bool | None = None) -> list[str]:
    """Write each row as a line: cells parted by bars, each after its column's heading where the table has headings.

    `headed` says whether the first row are headings; None when the format does not tell.

    [["Plan", "Price"], ["Free", "0"]] -> ["Plan | Price", "Plan: Free | Price: 0"]
    """
    clean = [[" ".join(cell.split()) for cell in row] for row in rows]
    clean = [row for row in clean if any(row)]
    if not clean or not (headed or (headed is None and _has_headings(clean))):
        return [" | ".join(row) for row in clean]
    heads = clean[0]
    return [" | ".join(heads), *(_under(heads, row) for row in clean[1:])]


def _under(heads: Sequence[str], row: Sequence[str]) -> str:
    if row == heads:
        return " | ".join(row)
    cells = []
    for number, cell in enumerate(row):
        head = heads[number].rstrip(" :") if number < len(heads) else ""
        cells.append(f"{head}: {cell}".rstrip() if head and head != cell else cell)
    return " | ".join(cells)


def _has_headings(rows: Sequence[Sequence[str]]) -> bool:
    """Guess whether the first row are headings: short, different and no values, over a column of values."""
    heads, body = rows[0], rows[1:]
    named = [head for head in heads[1:] if head]
    if len(heads) < 2 or not body or len(named) < len(heads) - 1 or len(set(heads)) < len(heads):
        return False
    if any(len(head) > _LONGEST_HEADING or head.endswith((".", "!", ":")) or _VALUE.fullmatch(head) for head in named):
        return False
    columns = [[row[number] for row in body if number < len(row)] for number in range(1, len(heads))]
    return any(sum(bool(_VALUE.fullmatch(cell)) for cell in cells) > _VALUES * len(cells) for cells in columns if cells)
