"""Removes from plain text what its pages repeat: running heads, page numbers and form feeds, as in an RFC."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise

_LONGEST = 100  # characters of a running line
_FEWEST = 3  # pages
_MOSTLY = 0.5  # of the pages, those that repeat a line
_BROKEN = 2  # sentences that a running line breaks, without marks of pages
_RUNNING_AT_MOST = 0.8  # of the lines; with more they are the text
_FULL_LINE = 45  # characters
_PROSE = 30  # characters
_HEADS = re.compile(
    r"(?:chapter|section|part|step|rule|question|fig|table|day|week|lesson|note|\d+[.)])", re.IGNORECASE
)
_PAGE = re.compile(r"\[Page \d+\]\s*\Z")
_NUMBER = re.compile(r"\d+")
_ENDED = re.compile(r"[.!?:;\u3002\uff01\uff1f][\"'\u201d\u2019)\]]*\s*\Z")


def without_page_breaks(text: str) -> str:
    """Return a text without the lines that its pages repeat; a sentence goes on over the end of a page.

    A text in which no page ends is returned as it is.
    """
    if "\f" in text or "[Page " in text:
        lines = text.replace("\r\n", "\n").split("\n")
        running = _at_edges(lines)
        if len(running) > _RUNNING_AT_MOST * sum(bool(line.strip()) for line in lines):  # pages of next to nothing
            running = set()
        if "\f" in text or running:
            return _joined(lines, running)
    if running := _breaking(text):
        return _joined(text.replace("\r\n", "\n").split("\n"), running)
    return text


def _at_edges(lines: list[str]) -> set[int]:
    """Return the numbers of the first and last lines of pages that are alike, but for numbers, on most pages."""
    pages: list[list[int]] = [[]]
    for number, line in enumerate(lines):
        if "\f" in line:
            pages.append([])
        if line.strip():
            pages[-1].append(number)
        if _PAGE.search(line):
            pages.append([])
    pages = [page for page in pages if page]
    found: set[int] = set()
    for edge in (0, -1):
        alike = Counter(_masked(lines[page[edge]]) for page in pages)
        needed = max(2, _MOSTLY * (len(pages) - 1))
        found |= {page[edge] for page in pages if _is_running(lines[page[edge]], alike, needed)}
    return found


def _is_running(line: str, alike: Counter[str], needed: float) -> bool:
    return bool(_PAGE.search(line)) or (len(line.strip()) <= _LONGEST and alike[_masked(line)] >= needed)


def _breaking(text: str) -> set[int]:
    """Return the numbers of lines that break sentences and differ in a growing number only: "2 Z. Shen et al."."""
    if len(_NUMBER.findall(text, 0, 200_000)) < _FEWEST:
        return set()
    lines = text.replace("\r\n", "\n").split("\n")
    filled = [number for number, line in enumerate(lines) if line.strip()]
    places: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for before, (number, after) in zip([-1, *filled], pairwise(filled), strict=False):
        line = lines[number].strip()
        if len(line) <= _LONGEST and not _HEADS.match(line) and (line[0].isdecimal() or line[-1].isdecimal()):
            open_before = before >= 0 and len(lines[before].strip()) >= _PROSE and not _ENDED.search(lines[before])
            broken = open_before and lines[after].strip()[:1].islower()
            places[_masked(line)].append((number, broken))
    found: set[int] = set()
    for same in places.values():
        counts = [int((_NUMBER.findall(lines[number]) or ["0"])[_end(lines[number])][:6]) for number, _ in same]
        if (
            len(same) >= _FEWEST
            and sum(broken for _, broken in same) >= _BROKEN
            and all(a < b for a, b in pairwise(counts))
        ):
            found |= {number for number, _ in same}
    return found


def _end(line: str) -> int:
    return 0 if line.strip()[0].isdecimal() else -1


def _masked(line: str) -> str:
    return " ".join(_NUMBER.sub("#", line).replace("\f", " ").split())


def _joined(lines: list[str], running: set[int]) -> str:
    """Join the lines but the running ones; where some were, a paragraph goes on if its last line does not end one."""
    kept: list[str] = []
    parted = False
    for number, line in enumerate(lines):
        line = line.replace("\f", "")
        if number in running or "\f" in lines[number]:
            parted = True
        if number in running:
            continue
        if parted and not line.strip():
            continue
        if parted:
            while kept and not kept[-1].strip():
                kept.pop()
            if kept and not _goes_on(kept[-1], line):
                kept.append("")
            parted = False
        kept.append(line)
    return "\n".join(kept)


def _goes_on(before: str, line: str) -> bool:
    if line.strip()[:1].islower() and not re.match(r"\s*(?:o\s\s|\w{1,3}[.)]\s)", line):
        return True
    if _ENDED.search(before) or re.match(r"\s*(?:[-*\u2022o]|\(?\w{1,3}[.)]|\d+(?:\.\d+)+)\s", line):
        return False
    return len(before.strip()) >= _FULL_LINE
