"""Chooses the title of a document."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.documents.formats.reading import Reading

_SEARCHED = 3000  # characters from the start
_COLUMNS = re.compile(r" \| |\S(?:\t| {3,})\S")
_SECTION = re.compile(r"\s*(?:\d{1,2}(?:\.\d{1,2}){0,3}|[A-Z]|[IVXLC]{1,6})[.)]\s")
_HASH = re.compile(r"(?:[0-9a-f]{32,}|[0-9A-F]{32,})")


def title_of(reading: Reading, name: str) -> str:
    """Return the title in the file, else a first line that looks like one, else the name: "my-map.md" -> "my map"."""
    return clean_line(reading.title) or _first_line(reading.text) or _of_file(name)


def clean_line(line: str) -> str:
    """Return one line of at most 200 printable characters, without hashes."""
    line = "".join(c if c.isprintable() else " " for c in _HASH.sub("", line))
    return " ".join(line.split())[:200]


def _first_line(text: str) -> str:
    word = re.search(r"\w", text)
    if word is None:
        return ""
    # From the first word back to the start of its line: a pattern for such a line is slow on thousands of signs.
    start = max(text.rfind("\n", 0, word.start()), text.rfind("\r", 0, word.start())) + 1
    lines = re.split(r"\r\n|[\r\n]", text[start : start + _SEARCHED])
    first = lines[0]
    if _COLUMNS.search(first):  # the head of a form or a memorandum; a title may stand under it, by itself
        alone = (
            line
            for before, line, after in zip(lines, lines[1:], [*lines[2:], ""], strict=False)
            if line.strip() and not before.strip() and not after.strip()
        )
        first = next((line for line in alone if not _COLUMNS.search(line) and not _SECTION.match(line)), "")
    first = clean_line(first[:1000])
    if 2 <= len(first) <= 120 and not first.endswith((".", ",", ";", ":", "\u3002", "\uff0c")):
        return first.lstrip("# ") or first
    return ""


def _of_file(name: str) -> str:
    return " ".join(re.sub(r"[-_.]+", " ", PurePosixPath(name).stem).split()) or name
