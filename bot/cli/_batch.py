"""Batches: one JSON object a line in and out; a bad line gives an error in its place and the others go on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli._terminal import Refusal
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

TOGETHER = 32


def read_text(path: Path) -> str:
    """Read a whole file; raises Refusal when it cannot be read or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise Refusal(words("terminal.unreadable", path=path, reason=reason)) from error


def read_lines(path: Path, read: Callable[[Mapping[str, Any]], dict[str, Any]]) -> list[dict[str, Any]]:
    """Read the objects of a file in order, each validated by `read`; raises Refusal when the file cannot be read.

    `read` returns the fields of a line, or {"error"}. A line that is no JSON object becomes {"id", "error"} too.
    """
    # Not splitlines, which also splits at characters that are allowed inside a JSON text.
    lines = enumerate(read_text(path).split("\n"), 1)
    return [_read_line(number, line, read) for number, line in lines if line.strip()]


def _read_line(number: int, line: str, read: Callable[[Mapping[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        return {"id": None, "error": words("terminal.bad_line", number=number)}
    return {"id": row.get("id"), **read(row)}


def answer_together(
    rows: Sequence[dict[str, Any]], answer: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    """Answer the rows without an error in batches, and yield all rows in the order of the lines."""
    for first in range(0, len(rows), TOGETHER):
        some = rows[first : first + TOGETHER]
        good = [row for row in some if "error" not in row]
        answers = iter(answer(good) if good else [])
        for row in some:
            yield row if "error" in row else next(answers)
