"""Splits a paragraph into quotable sentences by offset: sentencex, corrected for lists, code and notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.text.boundaries import boundaries
from index.text.clauses import lines_of, short_enough
from index.text.lexicon import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LIST_LONGEST = 400  # characters; a lead-in and its list or code up to this length are one sentence

_BULLET = re.compile(
    r"^[ \t]*(?:o(?=\s\s)|[-*+\u2022\u2023\u25e6\u25aa\u00b7\u2013\u2014]|\(?\d{1,3}[.)]|\(?[a-z]\))[ \t]+",
    re.MULTILINE,
)
_ROW = re.compile(r"^.*(?: \| |[^\s.:]\t|[^\s.:] {4,})\S.*$", re.MULTILINE)
_LEADS_IN = re.compile(r":[\s*_]*\Z")
# An item that is a sentence, or more than one, is quoted by itself.
_A_SENTENCE = re.compile(r"\A[A-Z][^.!?]*\s[^.!?]*[.!?][\"\u201d\u2019')]*\s*\Z|[a-z][.!?]\s+[A-Z]")
_NOTE = r"\[(?:\d{1,3}|[a-z]|(?:note|nb|n)\s\d+|[^\[\]\n]{0,30}\bneeded|(?:who|when|which|by whom)\?)\]"
_ANSWER = re.compile(r"\s*(?:A|Ans|Answer)\s?\d{0,3}:\s+(?=\S)")
_NOTES_FIRST = re.compile(rf"(?:\s*(?:{_NOTE}|:\d{{1,4}}(?:[-\u2013]\d+)?(?=\s)))+\s*")
_NOTES_LAST = re.compile(rf"(?<=[.!?\"\u201d\u2019)])(?:\s*{_NOTE})+\s*\Z")
# The source of the sentence before, after its full stop: "It fell. (11) Then it rose."
_CITED_FIRST = re.compile(r"(?<=[.!?]\s)\(\d{1,3}(?:\s*[,\u2013-]\s*\d{1,3})*\)\s+(?=[A-Z])")
_STRAY_START = re.compile(r"[\s,;:.!?)\]}\u2026\u3001\u3002\uff0c\uff1a\uff1b\u00bb\u201d|]+")


def sentences(
    text: str,
    start: int,
    end: int,
    cuts: Sequence[tuple[int, int]] = (),
    code: Sequence[tuple[int, int]] = (),
    language: str = ENGLISH,
) -> list[tuple[int, int]]:
    """List the sentences of text[start:end] as (start, end) in order, without white space and notes around them.

    No sentence holds a character of the sorted spans in `cuts`, and none begins or ends within a line of the sorted
    spans in `code`. There is at least one sentence where there is a letter or digit outside the cuts.
    "Glass forgets. See Fig. 2 for it. [1]" gives [(0, 14), (15, 33)].
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
        for span in _unbroken(text, *piece, code, language):
            if trimmed := _trim(text, *span, stray=stray):
                found.append(trimmed)
                stray = False
    if found:
        return found
    # The paragraph is nothing but list markers or notes: quote these.
    whole = (_strip(text, *cut) for piece in pieces for cut in short_enough(text, *piece))
    return [span for span in whole if span]


def _unbroken(
    text: str, start: int, end: int, code: Sequence[tuple[int, int]], language: str
) -> Iterator[tuple[int, int]]:
    items = list(_with_code(text, start, end, code))
    at = 0
    while at < len(items):
        item_start, item_end, is_code = items[at]
        at += 1
        if is_code:
            yield from lines_of(text, item_start, item_end)
            continue
        item = text[item_start:item_end]
        found = [(item_start + a, item_start + b) for a, b in boundaries(item, language) if item[a:b].strip()]
        if found and at < len(items) and (following := _led_in(text, found[-1], items, at)):
            at += following
            found[-1] = found[-1][0], items[at - 1][1]
        for span in found:
            yield from short_enough(text, *span)


def _led_in(text: str, lead: tuple[int, int], items: Sequence[tuple[int, int, bool]], at: int) -> int:
    """Count the items from `at` that make one sentence with the one that leads in to them: code, or all of a list."""
    if not _LEADS_IN.search(text, max(lead[0], lead[1] - 8), lead[1]) or _ROW.search(text, *lead):
        return 0
    count = 0
    for start, end, is_code in items[at : at + _LIST_LONGEST]:
        if is_code and count:
            break
        if end - lead[0] > _LIST_LONGEST or (not is_code and _A_SENTENCE.search(text[start:end])):
            return 0
        count += 1
        if is_code:
            break
    return count


def _with_code(text: str, start: int, end: int, code: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, bool]]:
    """Yield the items of the text between the spans of code, and the spans themselves, in order."""
    at = start
    for code_start, code_end in code:
        if start <= code_start and code_end <= end:
            yield from ((*item, False) for item in _items(text, at, code_start))
            yield code_start, code_end, True
            at = code_end
    yield from ((*item, False) for item in _items(text, at, end))


def _items(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield list items, without their markers, and rows of tables; other text is one item. None is blank."""
    piece = text[start:end]
    bullets = list(_BULLET.finditer(piece))
    if bullets and (len(bullets) > 1 or not piece[: bullets[0].start()].strip() or _leads_in_to(piece, bullets[0])):
        starts = [(start, start + bullets[0].start())]
        for bullet, following in zip(bullets, [*bullets[1:], None], strict=True):
            starts.append((start + bullet.end(), start + following.start() if following else end))
    else:
        starts, at = [], start
        for row in _ROW.finditer(piece):
            starts += [(at, start + row.start()), (start + row.start(), start + row.end())]
            at = start + row.end()
        starts.append((at, end))
    yield from ((a, b) for a, b in starts if text[a:b].strip())


def _leads_in_to(piece: str, bullet: re.Match[str]) -> bool:
    return bool(_LEADS_IN.search(piece, max(0, bullet.start() - 8), bullet.start()))


def _trim(text: str, start: int, end: int, *, stray: bool) -> tuple[int, int] | None:
    """Drop white space and editors' notes around a sentence; None without a letter or digit in the rest.

    `stray` sentences follow a cut: punctuation at their start belonged to what was cut out.
    """
    for pattern in (_NOTES_FIRST, _CITED_FIRST, _ANSWER):
        if found := pattern.match(text, start, end):
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
