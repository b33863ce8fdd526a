"""Splits a document into passages and sentences by offset, and gives the text of them that is indexed."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.lexicon import ENGLISH
from index.text.noise import Aliases, Mark, MarkKind, repaired
from index.text.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.documents.document import Document

_LONGEST = 1200  # characters of a passage, about
_QUOTABLE = frozenset({MarkKind.MOJIBAKE, MarkKind.CODE})
_OUTSIDE = frozenset({MarkKind.BLANK, MarkKind.HEADING, MarkKind.FURNITURE})
# Control characters that end or reorder a line on the screen; other invisible ones may stand inside a word.
_BREAKING_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\uffff]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A quotable range of a document's text, [start, end) in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, or a part of a long one; `number` is that of the paragraph in its document, from 1."""

    document: str
    number: int
    start: int
    end: int
    heading: str
    sentences: tuple[Sentence, ...]


def split(document: Document, marks: Sequence[Mark]) -> tuple[Passage, ...]:
    r"""Split a document into passages in order; together with the marks outside them they cover the whole text.

    "The sea\n\nTides turn. Ships sail." gives one passage, [9, 32), under "The sea", with two sentences.
    """
    return tuple(_passages(document, marks))


def _passages(document: Document, marks: Sequence[Mark]) -> Iterator[Passage]:
    text = document.text
    for number, (start, end, heading, inside) in enumerate(_paragraphs(text, marks), 1):
        cuts = [(mark.start, mark.end) for mark in inside if _cuts(text, mark)]
        code = [(mark.start, mark.end) for mark in inside if mark.kind == MarkKind.CODE]
        found = [Sentence(*span) for span in sentences(text, start, end, cuts, code, document.language or ENGLISH)]
        for part_start, part_end, part in _parts(start, end, found):
            yield Passage(document.id, number, part_start, part_end, heading, part)


def _cuts(text: str, mark: Mark) -> bool:
    if mark.kind == MarkKind.CONTROL:
        return bool(_BREAKING_CONTROL.search(text, mark.start, mark.end))
    return mark.kind not in _QUOTABLE


def _paragraphs(text: str, marks: Sequence[Mark]) -> Iterator[tuple[int, int, str, list[Mark]]]:
    """Yield start, end, heading and inner marks of each stretch of prose between structural marks."""
    heading, open_heading = "", False
    at = 0
    inside: list[Mark] = []
    for mark in [*marks, Mark(len(text), len(text), MarkKind.BLANK)]:
        if mark.kind not in _OUTSIDE:
            inside.append(mark)
            continue
        start, end, inside = *_without_edges(at, mark.start, inside), inside
        if start < end:
            yield start, end, heading, [m for m in inside if start <= m.start and m.end <= end]
            open_heading = False
        inside = []
        at = mark.end
        if mark.kind == MarkKind.HEADING:
            piece = " ".join(text[mark.start : mark.end].split())
            heading = f"{heading} {piece}" if open_heading else piece
            open_heading = True
        else:
            open_heading = False


def _without_edges(start: int, end: int, inside: Sequence[Mark]) -> tuple[int, int]:
    """Leave noise at both ends of a paragraph outside, but not mojibake unless there is nothing else, and no code."""
    if sum(mark.end - mark.start for mark in inside if mark.kind != MarkKind.CODE) == end - start:
        return end, end
    for mark in inside:
        if mark.start > start:
            break
        start = mark.end if mark.kind not in _QUOTABLE else start
    for mark in reversed(inside):
        if mark.end < end or end <= start:
            break
        end = mark.start if mark.kind not in _QUOTABLE else end
    return start, max(start, end)


def _parts(start: int, end: int, found: Sequence[Sentence]) -> Iterator[tuple[int, int, tuple[Sentence, ...]]]:
    """Cut a long paragraph at sentence boundaries into parts of about equal length that cover it."""
    count = max(1, -(-(end - start) // _LONGEST))
    starts = [sentence.start for sentence in found]
    ideals = [start + (end - start) * part / count for part in range(1, count)]
    firsts = {0}
    for ideal in ideals:
        at = bisect_left(starts, ideal)
        near = [n for n in (at - 1, at) if 0 < n < len(starts)]
        if near:
            firsts.add(min(near, key=lambda n: abs(starts[n] - ideal)))
    order = sorted(firsts)
    for first, following in zip(order, [*order[1:], len(found)], strict=True):
        part_start = start if first == 0 else starts[first]
        part_end = end if following == len(found) else starts[following]
        yield part_start, part_end, tuple(found[first:following])


def search_text(text: str, marks_in_it: Sequence[Mark], aliases: Aliases | None = None) -> str:
    """Give what is indexed for a text: without noise, mojibake repaired, white space folded, aliases canonical.

    The offsets of the marks count from the start of `text`, as `marks_within` gives them.
    """
    parts = []
    at = 0
    for mark in marks_in_it:
        parts.append(text[at : mark.start])
        noise = text[mark.start : mark.end]
        match mark.kind:
            case MarkKind.HEADING | MarkKind.CODE:
                parts.append(noise)
            case MarkKind.MOJIBAKE:
                parts.append(repaired(noise))
            case MarkKind.CONTROL if not _BREAKING_CONTROL.search(noise):
                pass
            case _:
                parts.append(" ")
        at = mark.end
    parts.append(text[at:])
    folded = " ".join("".join(parts).split())
    return aliases.canonical(folded) if aliases else folded
