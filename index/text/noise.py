"""Marks what in a document is noise or structure, and therefore not quotable, and repairs mojibake for the search."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING

from ftfy.badness import is_bad

from index.text.aliases import Aliases, Suggestion, read_aliases, suggest_aliases
from index.text.boilerplate import blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from index.documents.document import Document
    from index.text.lines import Block

__all__ = [
    "Aliases",
    "Mark",
    "MarkKind",
    "Suggestion",
    "marks",
    "marks_within",
    "mended",
    "read_aliases",
    "repaired",
    "suggest_aliases",
]


class MarkKind(StrEnum):
    """What a mark covers; `furniture` is what pages repeat: menus, page numbers, share buttons."""

    BLANK = "blank"
    HASH = "hash"
    FURNITURE = "furniture"
    CONTROL = "control"
    MOJIBAKE = "mojibake"
    HEADING = "heading"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Mark:
    """A range of a document's text that is not prose, [start, end) in code points; code is quoted line by line."""

    start: int
    end: int
    kind: MarkKind


def marks(document: Document) -> tuple[Mark, ...]:
    r"""Mark everything in a document that is not prose, sorted and not overlapping, in time linear in the text.

    "The sea\n\nTides\u200b turn." gives HEADING [0, 7), BLANK [7, 9), CONTROL [14, 15).
    """
    text = document.text
    inline = _inline(text)
    noise = [(mark.start, mark.end) for mark in inline if mark.kind != MarkKind.MOJIBAKE]
    named = [(heading.start, heading.end) for heading in document.headings]
    return tuple(_merge(_structure(text, blocks(text, noise, named, document.code)), inline))


def marks_within(all_marks: Sequence[Mark], start: int, end: int) -> tuple[Mark, ...]:
    """Cut sorted marks to a range of the document; their new offsets count from the start of that range."""
    first = bisect_right(all_marks, start, key=attrgetter("end"))
    last = bisect_left(all_marks, end, lo=first, key=attrgetter("start"))
    return tuple(Mark(max(m.start, start) - start, min(m.end, end) - start, m.kind) for m in all_marks[first:last])


_HEX_RUN = re.compile("[0-9A-Fa-f]{32,}")
_ONE_CASE = re.compile("[0-9a-f]{32,}|[0-9A-F]{32,}")
_HASH_LENGTHS = (128, 96, 64, 56, 40, 32)
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]+"
)
# Joiners shape emoji and many scripts, never ASCII.
_STRAY_JOINER = re.compile("[\u200c\u200d]+(?=[\x00-\x7f]|\\Z)|(?:(?<=[\x00-\x7f])|\\A)[\u200c\u200d]+")
_CODE_PAGES = ("cp1252", "cp1257", "cp1250", "cp1254", "cp1251", "cp1253", "mac_roman", "cp437")


def _inline(text: str) -> list[Mark]:
    mojibake = [Mark(start, end, MarkKind.MOJIBAKE) for start, end in _mojibake(text)]
    others = [Mark(*span, MarkKind.HASH) for span in _hashes(text)]
    others += [Mark(*found.span(), MarkKind.CONTROL) for found in _CONTROL.finditer(text)]
    if "\u200c" in text or "\u200d" in text:
        others += [Mark(*found.span(), MarkKind.CONTROL) for found in _STRAY_JOINER.finditer(text)]
    others.sort(key=lambda mark: mark.start)
    return _merge(others, mojibake)


def _hashes(text: str) -> Iterator[tuple[int, int]]:
    for run in _HEX_RUN.finditer(text):
        for found in _ONE_CASE.finditer(text, *run.span()):
            digits = found[0]
            if not digits.isdigit() and not digits.isalpha():
                yield _without_word(text, *found.span())


def _without_word(text: str, start: int, end: int) -> tuple[int, int]:
    """Shrink a run of hex digits by the letters at an end that belong to a neighbouring word; add a leading 0x."""
    run = text[start:end]
    length = next(size for size in _HASH_LENGTHS if size <= len(run))
    extra = len(run) - length
    if extra and run[length:].isalpha() and text[end : end + 1].isalpha():
        return start, end - extra
    if extra and run[:extra].isalpha() and text[max(start - 1, 0) : start].isalpha():
        return start + extra, end
    return (start - 2, end) if text[max(start - 2, 0) : start] == "0x" else (start, end)


def _byte_table(code_page: str) -> dict[int, str]:
    """Map each character of a code page to its byte, as a Latin-1 character; cp1252 fills the holes."""
    table: dict[int, str] = {}
    for byte in range(0x80, 0x100):
        for page in (code_page, "cp1252"):
            try:
                table.setdefault(ord(bytes([byte]).decode(page)), chr(byte))
                break
            except UnicodeDecodeError:
                continue
    for byte in range(0x80, 0x100):
        table.setdefault(byte, chr(byte) if byte < 0xA0 else "\u0100")
    return table


_BYTE_TABLES = tuple(_byte_table(page) for page in _CODE_PAGES)
_NON_ASCII = re.compile("[^\x00-\x7f]{2,}")
_UTF_8 = re.compile(
    "(?:[\xc2-\xdf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xe0[\xa0-\xbf][\x80-\xbf]"
    "|\xed[\x80-\x9f][\x80-\xbf]"
    "|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})+"
)


def _mojibake(text: str) -> Iterator[tuple[int, int]]:
    """Find runs that are UTF-8 decoded as an 8-bit code page: they decode as UTF-8, and ftfy rates them as mojibake."""
    found = [match.span() for match in re.finditer("\ufffd+", text)]
    if any(is_bad(run) for run in _NON_ASCII.findall(text)):
        for table in _BYTE_TABLES:
            spans = (match.span() for match in _UTF_8.finditer(text.translate(table)))
            found += [(start, end) for start, end in spans if is_bad(text[start:end])]
    at = 0
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if start >= at:
            yield start, end
            at = end


@lru_cache(maxsize=4096)
def repaired(mojibake: str) -> str:
    """Give the letters that mojibake stood for, or a space: "Ã©" gives "é". For the search only, never for a quote."""
    for table in _BYTE_TABLES:
        encoded = mojibake.translate(table)
        if _UTF_8.fullmatch(encoded):
            said = encoded.encode("latin-1").decode("utf-8")
            return said if said.isalpha() else " "
    return " "


@lru_cache(maxsize=4096)
def mended(text: str) -> str:
    """Give a text with its mojibake repaired and white space folded; the text itself without mojibake."""
    if text.isascii():
        return text
    parts, at = [], 0
    for start, end in _mojibake(text):
        parts += [text[at:start], repaired(text[start:end])]
        at = end
    return " ".join("".join([*parts, text[at:]]).split()) if parts else text


def _structure(text: str, parts: Sequence[Block]) -> Iterator[Mark]:
    """Mark blocks that are not prose, and what lies between blocks."""
    at = 0
    for block in parts:
        start, end = block.start, block.end
        if at < start:
            yield Mark(at, start, MarkKind.BLANK)
        if block.kind:
            yield Mark(start, end, MarkKind(block.kind))
        else:
            yield from (Mark(*span, MarkKind.CODE) for span in block.code)
        at = end
    if at < len(text):
        yield Mark(at, len(text), MarkKind.BLANK)


def _merge(under: Iterable[Mark], over: Sequence[Mark]) -> list[Mark]:
    """Merge two sorted lists of marks; where two overlap, the one of `over` keeps the characters."""
    merged = list(over)
    at = 0
    for mark in under:
        start = mark.start
        while at < len(over) and over[at].start < mark.end:
            if start < over[at].start:
                merged.append(Mark(start, over[at].start, mark.kind))
            start = max(start, over[at].end)
            if over[at].end > mark.end:
                break
            at += 1
        if start < mark.end:
            merged.append(Mark(start, mark.end, mark.kind))
    return sorted(merged, key=lambda mark: mark.start)
