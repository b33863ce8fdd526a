"""Removes what pages of a PDF repeat at their edges: running heads, running feet, page numbers."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.documents.formats.pdf_columns import Line

_DEEPEST = 3  # lines at an edge
_LONGEST = 120
_SAME_HEIGHT = 6.0  # points
# A number that may be the page's: alone, or at either end of the line.
_NUMBER = re.compile(
    r"(?P<before>(?:[^\d\n]*\bpage\s+|[-–—|\[(\s]*)?)(?P<number>\d{1,4})(?P<after>(?:\s*(?:/|of|von|sur|de)\s*\d{1,4})?[^\d\n]*)"
    r"|(?P<title>.*?\D)(?P<last>\d{1,4})",
    re.IGNORECASE,
)

_AT_START, _AT_END = re.compile(r"\A(\d{1,4})\s"), re.compile(r"\s(\d{1,4})\Z")
_ANY = "\0"  # in a key, for any words
_NUMBERED_PAGES = 0.3  # of the pages, those that have their number at one height beside changing words

Key = tuple[str, int | None, int]


def without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Remove lines that repeat at the edges of pages; nothing if that would leave most pages empty.

    [["Annals 1", "The sea"], ["Annals 2", "is old."], ["Annals 3", "It is."]] -> [["The sea"], ["is old."], ["It is."]]
    """
    filled = sum(map(bool, pages))
    needed = min(3, max(2, filled))
    counts: Counter[Key] = Counter()
    for lines in pages:
        counts.update({key for edge in _edges(lines) for line in edge for key in _keys(line)})
    # With the number of its page, as the head of every second page has it, a line repeats for certain.
    numbered = max(3, _NUMBERED_PAGES * filled)
    running = {key for key, count in counts.items() if count >= needed or (count >= 2 and key[1] is not None)}
    running -= {key for key in running if key[0] == _ANY and counts[key] < numbered}
    kept = [list(_kept(lines, running)) for lines in pages]
    return kept if 2 * sum(map(bool, kept)) > filled else [list(lines) for lines in pages]


def _edges(lines: Sequence[Line]) -> tuple[Sequence[Line], Sequence[Line]]:
    """Return the outermost lines of a page, from the top down and from the bottom up."""
    order = sorted(lines, key=lambda line: -line.y)
    return order[:_DEEPEST], order[: -_DEEPEST - 1 : -1]


def _kept(lines: Sequence[Line], running: set[Key]) -> Iterator[Line]:
    left_out = set()
    for edge in _edges(lines):
        for line in edge:
            if not running.intersection(_keys(line)):
                break
            left_out.add(id(line))
    yield from (line for line in lines if id(line) not in left_out)


def _keys(line: Line) -> list[Key]:
    """Return keys that a line shares with its repetition: height with words, or with a number that counts pages.

    "Annals 7" on page 5 and "Annals 8" on page 6 share ("annals #", 2, height): the number is the page plus 2.
    """
    height = round(line.y / _SAME_HEIGHT)
    # A head may name the section, and so change, but not the place of the number.
    ends = (
        [int(end) for end in (*_AT_START.findall(line.text), *_AT_END.findall(line.text))]
        if len(line.text) <= _LONGEST
        else []
    )
    numbers: list[Key] = [(_ANY, end - line.page, height) for end in ends]
    found = _NUMBER.fullmatch(line.text) if len(line.text) <= _LONGEST else None
    if not found:
        return [(line.text.casefold(), None, height), *numbers]
    number = int(found["number"] or found["last"])
    words = f"{found['title']}#" if found["title"] else f"{found['before']}#{found['after']}"
    return [(line.text.casefold(), None, height), (words.casefold(), number - line.page, height), *numbers]
