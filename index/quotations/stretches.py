"""Finds what a text quotes: stretches between quotation marks, block quotes, or else all of its sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from index.text.comparison import words_of
from index.text.sentences import sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

FEWEST_WORDS = 3  # of a quotation that can be called altered: shorter ones are like others by chance
_LONGEST_MARKED = 5000  # characters; within which a quotation has to be closed
_LONGEST = 2500  # characters; a longer stretch is checked in parts that end with a sentence

_FENCE = re.compile(r"^[ ]{0,3}(\u201c\u2060`|~~~)[^\n]*\n.*?(?:^[ ]{0,3}\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_FENCE_LINE = re.compile(r"^[ ]{0,3}(?:`|\u201c|~~~)[^\n]*$", re.MULTILINE)
_INLINE_CODE = re.compile(r"(?<!`)`[^`\n]+`(?!`)")
_QUOTED_LINE = re.compile(r"^[ \t]{0,3}(?:>[ \t]?)+(.*)$", re.MULTILINE)
_REST_QUOTED = re.compile(r"^[ \t]{0,3}>>>[ \t]?(.*)\Z", re.MULTILINE | re.DOTALL)  # Discord's: to the end of the text
# "> — Bertrand Russell, 1912": below a block quote, whose words it is.
_ATTRIBUTION = re.compile(r"\s*(?:[-\u2013\u2014\u2015~]{1,3}|source:|from:)\s?(?:\S+\s*){1,14}", re.IGNORECASE)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
# What opens a quotation, and what may close it. Single marks are also apostrophes: see _closing.
_PAIRS = {
    "\u201c": "\u201d\u201c",
    "\u201d": "\u201d",
    "\u201e": "\u201c\u201d",
    "\u201f": "\u201d",
    "\u00ab": "\u00bb",
    "\u00bb": "\u00ab\u00bb",
    "\u2039": "\u203a",
    "\u203a": "\u2039",
    "\u300c": "\u300d",
    "\u300e": "\u300f",
    "\u300a": "\u300b",
    "\u3008": "\u3009",
    '"': '"',
    "\uff02": "\uff02",
    "\u2018": "\u2019",
    "\u201a": "\u2018\u2019",
    "'": "'\u2019",
}  # fmt: skip
_SINGLE = frozenset("\u2018\u201a'")
_MIXED = frozenset("\u201c\u201e")  # closed by a straight mark where there is no other
_MARKS = re.compile(f"[{''.join(map(re.escape, _PAIRS))}]")


class Origin(StrEnum):
    """Why a stretch counts as a quotation."""

    MARKS = "marks"
    BLOCK = "block"
    SENTENCE = "sentence"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a text: `text` is what stands at [start, end) without the marks of a block quote."""

    text: str
    start: int
    end: int
    origin: Origin


def stretches(text: str) -> list[Stretch]:
    """List the quotations of a text, in order; all its sentences where it has none of at least FEWEST_WORDS words.

    Nested quotations are part of the outer one. A mark that is never closed quotes to the end of its paragraph;
    a quotation of several paragraphs is as many stretches.
    """
    text = text.replace("``", "\u201c\u2060").replace("''", "\u201d\u2060")  # as LaTeX has them; offsets stay
    prose = _blanked(text, _FENCE)
    if not words_of(prose):
        prose = _blanked(text, _FENCE_LINE)  # nothing but a block of code: people paste quotations so
    blocks = [*_blocks(prose)]
    for block in blocks:
        prose = prose[: block.start] + "\n" * (block.end - block.start) + prose[block.end :]
    found = sorted([*blocks, *_marked(_blanked(prose, _INLINE_CODE))], key=lambda each: each.start)
    found = [part for each in found for part in _parts(each)]
    if not any(len(words_of(each.text)) >= FEWEST_WORDS for each in found):
        short = [words_of(each.text) for each in found]
        found += (each for each in _sentences(prose) if words_of(each.text) not in short)
    return [each for each in found if words_of(each.text)]


def _blanked(text: str, pattern: re.Pattern[str]) -> str:
    """Replace what a pattern finds by line ends, so that all offsets stay the same."""
    return pattern.sub(lambda found: "\n" * len(found[0]), text)


def _blocks(text: str) -> Iterator[Stretch]:
    """Yield the paragraphs of block quotes, without lines that only name the author."""
    if rest := _REST_QUOTED.search(text):
        yield from _blocks(text[: rest.start()])
        yield from (_block(text, [span]) for span in _paragraphs(text, rest.start(1), rest.end(1)))
        return
    lines: list[tuple[int, int]] = []
    end, goes_on = -2, False
    for line in _QUOTED_LINE.finditer(text):
        is_blank = not line[1].strip()
        goes_on = goes_on and line.start() <= end + 1
        is_attribution = goes_on and _ATTRIBUTION.fullmatch(line[1]) is not None
        if lines and (line.start() > end + 1 or is_blank or is_attribution):
            yield _block(text, lines)
            lines = []
        if not is_blank and not is_attribution:
            lines.append(line.span(1))
        end, goes_on = line.end(), True
    if lines:
        yield _block(text, lines)


def _block(text: str, lines: list[tuple[int, int]]) -> Stretch:
    return Stretch("\n".join(text[start:end] for start, end in lines), lines[0][0], lines[-1][1], Origin.BLOCK)


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for gap in _PARAGRAPH.finditer(text, start, end):
        if text[start : gap.start()].strip():
            yield start, gap.start()
        start = gap.end()
    if text[start:end].strip():
        yield start, end


def _marked(text: str) -> Iterator[Stretch]:
    """Yield what stands between quotation marks, the outermost ones; each paragraph of it alone."""
    closed_at = -1  # where a quotation of several paragraphs ends
    for start, end in _paragraphs(text, 0, len(text)):
        at = start
        if start < closed_at:
            at = min(end, closed_at)
            yield _between(text, start, at)
            at += at == closed_at
        open_until: dict[str, int] = {}  # by mark: how far there is nothing that closes it
        while mark := _MARKS.search(text, at, end):
            at = mark.end()
            if at < open_until.get(mark[0], 0) or not _opens(text, mark.start(), start):
                continue
            close = _closing(text, mark[0], at, end)
            if close is None and mark[0] in _MIXED:
                close = _closing(text, '"', at, end)
            if close is None:
                closed_at = _closing_later(text, mark[0], end)
                open_until[mark[0]] = at + _LONGEST_MARKED
            if close is None and (mark[0] in _SINGLE or mark[0] in "\u00bb\u201d\u203a"):
                continue  # an apostrophe, or the end of a quotation that began elsewhere
            until = end if close is None else close
            if mark[0] in _SINGLE and len(words_of(text[at:until])) < FEWEST_WORDS:
                continue
            yield _between(text, at, until)
            at = until + (close is not None)


def _between(text: str, start: int, end: int) -> Stretch:
    """Return what stands between two marks, without line ends at its own ends: code was blanked with them."""
    inside = text[start:end]
    start += len(inside) - len(inside.lstrip("\n"))
    inside = inside.strip("\n")
    return Stretch(inside, start, start + len(inside), Origin.MARKS)


def _opens(text: str, at: int, start: int) -> bool:
    """Say whether a mark can begin a quotation: nothing of a word before it, and no white space after it."""
    before, after = text[at - 1 : at] if at > start else "", text[at + 1 : at + 2]
    if text[at] in "\u300c\u300e\u300a\u3008":
        return True
    if text[at] in "\u201c\u00ab\u201e":
        return bool(after)
    if text[at] in _SINGLE and after.isdigit():
        return False  # the '90s
    return not before.isalnum() and before not in ("'", "\u2019") and bool(after) and not after.isspace()


def _closing(text: str, opening: str, at: int, end: int, *, nested: bool = True) -> int | None:
    """Return where a quotation is closed, past `nested` ones where they are all closed; None when it is not."""
    closing = _PAIRS[opening]
    depth = 0
    for found in re.compile(f"[{re.escape(opening + closing)}]").finditer(text, at, min(end, at + _LONGEST_MARKED)):
        place, mark = found.start(), found[0]
        if mark == opening and (mark not in closing or (_is_before_word(text, place) and _is_free(text, place))):
            depth += nested
        elif mark in closing and (opening not in _SINGLE or _closes_single(text, place)):
            if depth == 0:
                return place
            depth -= 1
    return _closing(text, opening, at, end, nested=False) if depth else None


def _closing_later(text: str, opening: str, end: int) -> int:
    """Return where a quotation that its paragraph does not close is closed, before another begins; -1 when nowhere."""
    closing = _PAIRS[opening]
    if opening in _SINGLE or closing == opening:
        return -1  # an apostrophe, or a mark that looks the same at both ends
    found = re.compile(f"[{re.escape(opening + closing)}]").search(text, end, end + _LONGEST_MARKED)
    return found.start() if found and found[0] != opening else -1


def _closes_single(text: str, place: int) -> bool:
    """Say whether a single mark is no apostrophe: it stands behind a word or a full stop, and before none."""
    return not text[place - 1].isspace() and not _is_before_word(text, place)


def _is_free(text: str, place: int) -> bool:
    """Say whether no word and no full stop stands right before a mark."""
    return text[place - 1].isspace() or text[place - 1] in "([{"


def _is_before_word(text: str, place: int) -> bool:
    return text[place + 1 : place + 2].isalnum()


def _parts(stretch: Stretch) -> Iterator[Stretch]:
    """Yield a stretch, or the parts of one that is too long to be compared at once."""
    if len(stretch.text) <= _LONGEST:
        yield stretch
        return
    is_as_written = stretch.end - stretch.start == len(stretch.text)
    spans = sentences(stretch.text, 0, len(stretch.text))
    first = 0
    for number in range(1, len(spans) + 1):
        if number == len(spans) or spans[number][1] - spans[first][0] > _LONGEST:
            start, end = spans[first][0], spans[number - 1][1]
            place = (stretch.start + start, stretch.start + end) if is_as_written else (stretch.start, stretch.end)
            yield Stretch(stretch.text[start:end], *place, stretch.origin)
            first = number


def _sentences(text: str) -> Iterator[Stretch]:
    for start, end in _paragraphs(text, 0, len(text)):
        for first, last in sentences(text, start, end):
            yield Stretch(text[first:last], first, last, Origin.SENTENCE)
