"""Cuts a text into blocks, by rule: paragraphs, headings that are plain lines, and page furniture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class BlockKind(StrEnum):
    """What a block is that is no prose."""

    FURNITURE = "furniture"
    HEADING = "heading"


_LINE = re.compile("[^\n\r\x85\u2028\u2029]+")
_PROSE_LINE = 120


@dataclass(slots=True)
class Line:
    """Offsets of a line without the white space around it, and its text without noise."""

    start: int
    end: int
    bare: str


@dataclass(slots=True)
class Block:
    """Lines without a blank line between them; `bare` is the text of a single line, "" for several."""

    lines: list[Line]
    kind: BlockKind | None = None

    @property
    def bare(self) -> str:
        """The text of a single line without noise; "" for several lines."""
        return self.lines[0].bare if len(self.lines) == 1 else ""

    @property
    def start(self) -> int:
        """The offset where the first line starts."""
        return self.lines[0].start

    @property
    def end(self) -> int:
        """The offset where the last line ends."""
        return self.lines[-1].end


def _lines(text: str, noise: Sequence[tuple[int, int]]) -> Iterator[Line]:
    """Yield the lines, trimmed; `bare` is a line without its noise, "" if it is only noise."""
    at = 0
    for found in _LINE.finditer(text):
        start, end = found.span()
        line = found[0]
        parts = []
        while at < len(noise) and noise[at][1] <= end:
            parts.append(text[start : noise[at][0]])
            start = noise[at][1]
            at += 1
        bare = ("".join(parts) + text[start:end]).strip() if parts else line.strip()
        if bare:
            yield Line(found.start() + len(line) - len(line.lstrip()), end - len(line) + len(line.rstrip()), bare)
        else:
            yield Line(found.start(), found.start(), "")


_BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNDERLINE = re.compile(r"(?:={3,}|-{3,}|~{3,}|\*{3,}|_{3,})\Z")
_LIST_ITEM = re.compile(r"(?:[-*+\u2022\u2023\u25e6\u25aa\u00b7\u2013\u2014]|\(?\d{1,3}[.)]|\(?[a-z]\))\s")


def blocks(text: str, noise: Sequence[tuple[int, int]], named_headings: Sequence[tuple[int, int]] = ()) -> list[Block]:
    """Return the blocks of a text, in order; those that are headings or furniture have a kind.

    Sorted spans of noise count as absent. If the format names headings, no others are looked for.

        "Home > News", "", "The tide", "", "It turns twice a day. It is old."  (lines)
        -> "Home > News" furniture, "The tide" heading, "It turns twice a day. It is old." None
    """
    found = _paragraphs(text, noise)
    if named_headings:
        found = _split_at(found, named_headings)
    _mark_furniture(found)
    if not named_headings:
        _mark_headings(found)
    return found


def _paragraphs(text: str, noise: Sequence[tuple[int, int]]) -> list[Block]:
    """Group lines to blocks at blank lines; without blank lines each long line is a block."""
    groups: list[list[Line]] = [[]]
    previous_end = 0
    for line in _lines(text, noise):
        if groups[-1] and len(_BREAKS.findall(text, previous_end, line.start)) > 1:
            groups.append([])
        if line.bare:
            groups[-1].append(line)
            previous_end = line.end
        elif groups[-1]:
            groups.append([])
    return [block for group in groups if group for block in _group_blocks(group)]


def _group_blocks(lines: list[Line]) -> list[Block]:
    long_lines = sum(len(line.bare) > _PROSE_LINE for line in lines)
    listed = any(_LIST_ITEM.match(line.bare) for line in lines)
    if long_lines >= 2 and long_lines >= 0.4 * len(lines) and not listed:
        return [Block([line]) for line in lines]
    blocks: list[Block] = []
    rest = lines
    if len(lines) > 1 and _UNDERLINE.match(lines[1].bare) and _shaped_like_heading(lines[0].bare):
        blocks, rest = [Block(lines[:1], BlockKind.HEADING), Block(lines[1:2], BlockKind.FURNITURE)], lines[2:]
    elif len(lines) > 1 and _LOUD.match(lines[0].bare) and not _LOUD.match(lines[1].bare) and not listed:
        blocks, rest = [Block(lines[:1], BlockKind.HEADING)], lines[1:]
    return blocks + ([Block(rest)] if rest else [])


def _split_at(blocks: Sequence[Block], headings: Sequence[tuple[int, int]]) -> list[Block]:
    """Make each line that the format names a heading a separate block."""
    result: list[Block] = []
    at = 0
    for block in blocks:
        current: list[Line] = []
        for line in block.lines:
            while at < len(headings) and headings[at][1] <= line.start:
                at += 1
            if at < len(headings) and headings[at][0] <= line.start and line.end <= headings[at][1]:
                result += [Block(current)] if current else []
                result.append(Block([line], BlockKind.HEADING))
                current = []
            else:
                current.append(line)
        result += [Block(current, block.kind if block.kind != BlockKind.HEADING else None)] if current else []
    return result


_FURNITURE_LENGTH = 160
_PATTERNS = yaml.safe_load(Path(__file__).with_name("boilerplate.yaml").read_text(encoding="utf-8"))


def _whole_line(patterns: Sequence[str], end: str = "") -> re.Pattern[str]:
    r"""Compile patterns to one for a whole line, `end` at its end: ["site map", "faq"] -> (?:site\s+map|faq)\Z."""
    return re.compile(rf"(?:{'|'.join(patterns)}){end}\Z".replace(" ", r"\s+"), re.IGNORECASE)


_FURNITURE = _whole_line(_PATTERNS["furniture"], r"[\s.:!…»\u203a→↑]*")
_BESIDE_FURNITURE = _whole_line(_PATTERNS["beside_furniture"])


def _is_furniture(bare: str) -> bool:
    if not any(map(str.isalnum, bare)):
        return True
    return len(bare) <= _FURNITURE_LENGTH and bool(_FURNITURE.match(bare))


def _mark_furniture(blocks: list[Block]) -> None:
    """Mark blocks that are furniture, first lines of it at both ends of the document, then words beside furniture."""
    _peel(blocks)
    for block in blocks:
        if all(_is_furniture(line.bare) for line in block.lines):
            block.kind = BlockKind.FURNITURE
    for order in (blocks, blocks[::-1]):
        after_furniture = False
        for block in order:
            if after_furniture and all(_BESIDE_FURNITURE.match(line.bare) for line in block.lines):
                block.kind = BlockKind.FURNITURE
            after_furniture = block.kind == BlockKind.FURNITURE


def _peel(blocks: list[Block]) -> None:
    """Cut furniture lines off the first and the last block, where there may be no blank line before them."""
    if not blocks:
        return
    lines = blocks[-1].lines
    keep = next((number for number in range(len(lines), 1, -1) if not _is_furniture(lines[number - 1].bare)), 1)
    blocks += [Block([line]) for line in lines[keep:]]
    del lines[keep:]
    lines = blocks[0].lines
    last = len(lines) - 1
    drop = next((number for number in range(last) if not _is_furniture(lines[number].bare)), last)
    blocks[:0] = [Block([line]) for line in lines[:drop]]
    del lines[:drop]


_HEADING_LENGTH = 120
_LOUD = re.compile(
    r"(?:(?:chapter|part|section|book|act|appendix)\s+(?:\d+|[ivxlc]+)\b.{0,80}"
    r"|(?-i:(?=.*[A-Z]{4})[^a-z]{4,80}))(?<![.,;!])\Z",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}[.)]?|[IVXLC]{1,6}[.)])\s+(?=\w)")
_ENDED = re.compile(r"[.!;:,\u2026\u3002\uff01\uff1b\uff1a\uff0c\u3001][\"'\u201d\u2019)\]\u00bb]*\Z")
_TWO_SENTENCES = re.compile(r"\w{3}[.!?][\"'\u201d\u2019)]?\s+[^\W\d_]")
_NOT_A_HEADING = re.compile(
    r"[\"'\u201c\u2018\u00ab\u2013\u2014>|#{}<@]"
    r"|[-*+\u2022\u2023\u25e6\u25aa\u00b7]\s|\(?[a-z]\)\s|https?:|www\."
)


def _shaped_like_heading(bare: str) -> bool:
    if not 2 <= len(bare) <= _HEADING_LENGTH or _ENDED.search(bare) or _NOT_A_HEADING.match(bare):
        return False
    rest = bare[numbered.end() :] if (numbered := _NUMBERED.match(bare)) else bare
    if "\t" in bare or " | " in bare or _TWO_SENTENCES.search(rest):
        return False
    first = next((c for c in rest if c.isalnum()), "")
    return bool(first) and not first.islower() and sum(c.isalpha() for c in bare) >= 2


def _mark_headings(blocks: Sequence[Block]) -> None:
    """Mark one-line blocks above prose as headings; from the end, to count headings in a row (3 at most)."""
    following: Block | None = None
    chain = 0
    for block in reversed(blocks):
        if block.kind == BlockKind.FURNITURE:
            continue
        if block.kind == BlockKind.HEADING:
            chain += 1
        elif following is not None and block.bare and _heads(block, following, chain):
            block.kind = BlockKind.HEADING
            chain += 1
        else:
            chain = 0
        following = block


def _heads(block: Block, following: Block, chain: int) -> bool:
    bare = block.bare
    if _LOUD.match(bare):
        return True
    if not _shaped_like_heading(bare):
        return False
    if following.kind == BlockKind.HEADING:
        return chain < 3
    if _NUMBERED.match(bare) and _NUMBERED.match(following.lines[0].bare):
        return False
    last = following.lines[-1].bare
    body = len(following.lines) > 1 or following.end - following.start >= _PROSE_LINE or bool(_ENDED.search(last))
    return body and following.end - following.start > len(bare)
