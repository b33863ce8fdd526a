"""Chooses the title of a document."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.documents.formats.reading import Reading

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
    first = clean_line(re.split(r"[\r\n]", text[start : start + 1000], maxsplit=1)[0])
    if 2 <= len(first) <= 120 and not first.endswith((".", ",", ";", ":", "\u3002", "\uff0c")):
        return first.lstrip("# ") or first
    return ""


def _of_file(name: str) -> str:
    return " ".join(re.sub(r"[-_.]+", " ", PurePosixPath(name).stem).split()) or name
