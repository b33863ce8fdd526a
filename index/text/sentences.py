"""Splits a paragraph into quotable sentences by offset: sentencex, corrected for lists, abbreviations and notes."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from sentencex import get_sentence_boundaries

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# All lengths are in characters.
_LONGEST = 600  # a longer sentence is cut at clause boundaries
_SHORTEST_CLAUSE = 40
_HARD_LIMIT = 1200  # a longer one without clause boundaries is cut at white space, and failing that anywhere
_WINDOW = 4000  # given to sentencex at once: its time grows with the characters times the sentences among them
_LOOK_AHEAD = 200  # a boundary is certain when so many characters after it were read too

_BULLET = re.compile(
    r"^[ \t]*(?:[-*+\u2022\u2023\u25e6\u25aa\u00b7\u2013\u2014]|\(?\d{1,3}[.)]|\(?[a-z]\))[ \t]+",
    re.MULTILINE,
)
_ROW = re.compile(r"^.* \| .*$", re.MULTILINE)
# Only before a word that opens a main clause: before a name a semicolon more often separates items of a list.
_SEMICOLON = re.compile(
    r";\s+(?=(?:I|We|You|He|She|It|They|The|This|That|These|Those|There|Here|As|In|On|At|If|When|While|Where|However"
    r"|Therefore|Thus|Hence|Moreover|Instead|Our|My|Your|His|Her|Its|Their|But|And|Or|So|Because|Since|Although|For|From|With"
    r"|By|To|What|Who|Whoever|How|Now|Then|No|Not|All|Some|Many|Only|Once|Rather|Indeed|Otherwise|Meanwhile"
    r"|Nevertheless)\b)"
)
# Abbreviations that sentencex takes for the end of a sentence, though a name or number always follows.
_NEVER_LAST = re.compile(
    r"\b(?:St|Mt|Ft|Dr|Mr|Mrs|Ms|Prof|Gen|Col|Capt|Lt|Sgt|Rev|Hon|Gov|Sen|Pres|vs|Figs?|Eqs?|Nos?|Vols?|pp|cf|ca"
    r"|approx|e\.g|i\.e|viz)\.\s*\Z"
)
_NOTE = r"\[(?:\d{1,3}|[a-z]|(?:note|nb|n)\s\d+|[^\[\]\n]{0,30}\bneeded|(?:who|when|which|by whom)\?)\]"
_NOTES_FIRST = re.compile(rf"(?:\s*(?:{_NOTE}|:\d{{1,4}}(?:[-\u2013]\d+)?(?=\s)))+\s*")
_NOTES_LAST = re.compile(rf"(?<=[.!?\"\u201d\u2019)])(?:\s*{_NOTE})+\s*\Z")
_CLAUSES = (
    re.compile(r"[;\uff1b](?=\s|[^\x00-\x7f])"),
    re.compile(r":(?=\s)|\uff1a|\s[\u2013\u2014-](?=\s)|\u2014"),
    re.compile(r",(?=\s)|[\uff0c\u3001]"),
)
_STRAY_START = re.compile(r"[\s,;:.!?)\]}\u2026\u3001\u3002\uff0c\uff1a\uff1b\u00bb\u201d|]+")


def sentences(text: str, start: int, end: int, cuts: Sequence[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """List the sentences of text[start:end] as (start, end) in order, without white space and notes around them.

    No sentence holds a character of the sorted spans in `cuts`. There is at least one sentence where there is a letter
    or digit outside the cuts. "Glass forgets. See Fig. 2 for it. [1]" gives [(0, 14), (15, 33)].
    """
    pieces = []
    at = start
    for cut_start, cut_end in [*cuts, (end, end)]:
        if at < cut_start:
            pieces.append((at, min(cut_start, end)))
        at = max(at, cut_end)
    found = []
    for piece in pieces:
        stray = piece[0] > start
        for span in _unbroken(text, *piece):
            if trimmed := _trim(text, *span, stray=stray):
                found.append(trimmed)
                stray = False
    if found:
        return found
    # The paragraph is nothing but list markers or notes: quote these.
    whole = (_strip(text, *cut) for piece in pieces for cut in _short_enough(text, *piece))
    return [span for span in whole if span]


def _unbroken(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for item_start, item_end in _items(text, start, end):
        item = text[item_start:item_end]
        for boundary_start, boundary_end in _boundaries(item):
            yield from _short_enough(text, item_start + boundary_start, item_start + boundary_end)


def _items(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield list items, without their markers, and rows of tables; other text is one item."""
    piece = text[start:end]
    bullets = list(_BULLET.finditer(piece))
    if bullets and (len(bullets) > 1 or not piece[: bullets[0].start()].strip()):
        yield start, start + bullets[0].start()
        for bullet, following in zip(bullets, [*bullets[1:], None], strict=True):
            yield start + bullet.end(), start + following.start() if following else end
        return
    at = start
    for row in _ROW.finditer(piece):
        yield at, start + row.start()
        yield start + row.start(), start + row.end()
        at = start + row.end()
    yield at, end


def _boundaries(item: str) -> Iterator[tuple[int, int]]:
    """Yield the sentences of an item; a semicolon before a main clause ends one too."""
    if not item.strip():
        return
    start = 0
    for end in _sentence_ends(item):
        if end < len(item) and _goes_on(item, start, end):
            continue
        for semicolon in _SEMICOLON.finditer(item, start, end):
            if semicolon.end() - start >= _SHORTEST_CLAUSE and end - semicolon.end() >= _SHORTEST_CLAUSE:
                yield start, semicolon.end()
                start = semicolon.end()
        yield start, end
        start = end
    if start < len(item):
        yield start, len(item)


def _sentence_ends(item: str) -> Iterator[int]:
    """Yield the ends of sentences by sentencex, in order, in time linear in the length of the item.

    A window without any end is cut at white space, and failing that at its own end.
    """
    start = 0
    while len(item) - start > _WINDOW:
        window = item[start : start + _WINDOW]
        ends = [end for end in _ends_in(window) if end <= _WINDOW - _LOOK_AHEAD]
        if not ends:
            space = max(window.rfind(" ", _WINDOW // 2), window.rfind("\n", _WINDOW // 2))
            ends = [space + 1 if space > 0 else _WINDOW]
        yield from (start + end for end in ends)
        start += ends[-1]
    yield from (start + end for end in _ends_in(item[start:]))


def _ends_in(text: str) -> list[int]:
    return [int(found["end_index"]) for found in get_sentence_boundaries("en", text)]


def _goes_on(item: str, start: int, end: int) -> bool:
    """Say whether the sentence goes on after a full stop: it ends an abbreviation, or stands inside a name like a.m."""
    tail = item[max(start, end - 20) : end]
    following = item[end : end + 40].lstrip()
    if not tail.rstrip().endswith(".") or "\n" in tail[len(tail.rstrip()) :]:
        return False
    if following[:1].islower() and not tail[-1:].isspace() and "." in following.split(maxsplit=1)[0]:
        return True
    return bool(_NEVER_LAST.search(tail)) and following[:1].isalnum()


def _short_enough(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence that is too long for a quote at the clause boundaries that make the most equal parts."""
    if end - start <= _LONGEST:
        yield start, end
        return
    for pattern in _CLAUSES:
        cuts = [found.end() for found in pattern.finditer(text, start, end)]
        if chosen := _even_cuts(cuts, start, end):
            for a, b in zip([start, *chosen], [*chosen, end], strict=True):
                if b - a < end - start:
                    yield from _short_enough(text, a, b)
            return
    if end - start <= _HARD_LIMIT:
        yield start, end
        return
    while end - start > _HARD_LIMIT:
        cut = max(
            text.rfind(" ", start + _LONGEST, start + _HARD_LIMIT),
            text.rfind("\n", start + _LONGEST, start + _HARD_LIMIT),
        )
        cut = cut if cut > start else start + _HARD_LIMIT
        yield start, cut
        start = cut
    yield start, end


def _even_cuts(cuts: Sequence[int], start: int, end: int) -> list[int]:
    """Choose the fewest cuts that give pieces of at most `_LONGEST`, where the cuts allow it."""
    parts = -(-(end - start) // _LONGEST)
    step = (end - start) / parts
    usable = [cut for cut in cuts if cut - start >= _SHORTEST_CLAUSE and end - cut >= _SHORTEST_CLAUSE]
    chosen: list[int] = []
    for part in range(1, parts):
        if not usable:
            break
        ideal = start + part * step
        at = bisect_right(usable, ideal)
        best = min(usable[max(at - 1, 0) : at + 1], key=lambda cut: abs(cut - ideal))
        if not chosen or best - chosen[-1] >= _SHORTEST_CLAUSE:
            chosen.append(best)
    return chosen


def _trim(text: str, start: int, end: int, *, stray: bool) -> tuple[int, int] | None:
    """Drop white space and editors' notes around a sentence; None without a letter or digit in the rest.

    `stray` sentences follow a cut: punctuation at their start belonged to what was cut out.
    """
    if found := _NOTES_FIRST.match(text, start, end):
        start = found.end()
    if stray and (found := _STRAY_START.match(text, start, end)):
        start = found.end()
    if found := _NOTES_LAST.search(text, max(start, end - 200), end):
        end = found.start()
    return _strip(text, start, end)


def _strip(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    if not any(map(str.isalnum, piece)):
        return None
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
