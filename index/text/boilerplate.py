"""Cuts a text into blocks, by rule: paragraphs, headings that are plain lines, and page furniture."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from index.documents.decoding import UNKNOWN_AT_MOST, unknown_share
from index.text.code import with_code
from index.text.headings import LOUD, PROSE_LINE, mark_headings, shaped_like_heading, with_questions
from index.text.lines import Block, BlockKind, Line, lines_of

if TYPE_CHECKING:
    from collections.abc import Sequence


_BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNDERLINE = re.compile(r"(?:={3,}|-{3,}|~{3,}|\*{3,}|_{3,})\Z")
_MOSTLY = 0.5  # of long lines, those that end a sentence: the lines are paragraphs, and not wrapped
_ENDED = re.compile(r"[.!?:;\u2026\u3002\uff01\uff1f][\"'\u201d\u2019)\]\u00bb]*\Z")
_LIST_ITEM = re.compile(r"(?:o(?=\s\s)|[-*+\u2022\u2023\u25e6\u25aa\u00b7\u2013\u2014]|\(?\d{1,3}[.)]|\(?[a-z]\))\s")


def blocks(
    text: str,
    noise: Sequence[tuple[int, int]],
    named_headings: Sequence[tuple[int, int]] = (),
    code: Sequence[tuple[int, int]] = (),
) -> list[Block]:
    """Return the blocks of a text, in order; those that are headings or furniture have a kind.

    Sorted spans of noise count as absent. If the format names headings, no others are looked for; it may name code too.

        "Home > News", "", "The tide", "", "It turns twice a day. It is old."  (lines)
        -> "Home > News" furniture, "The tide" heading, "It turns twice a day. It is old." None
    """
    found = with_code(_paragraphs(text, noise), text, code)
    if named_headings:
        found = _split_at(found, named_headings)
    _mark_furniture(found)
    found = with_questions(found)
    if not named_headings:
        mark_headings(found)
    return _led_in(found)


_SHORT_ITEM = 240  # characters


def _led_in(blocks: Sequence[Block]) -> list[Block]:
    """Join what ends in a colon with the list, the table or the code that follows it, and short items of a list."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if before is not None and before.kind is block.kind is None and _belongs(before, block):
            before.lines = before.lines + block.lines
            before.code = before.code + block.code
        else:
            joined.append(block)
    return joined


def _belongs(before: Block, block: Block) -> bool:
    first, last = block.lines[0].bare, before.lines[-1].bare
    if last.endswith((":", "\uff1a")):
        return bool(block.code or _LIST_ITEM.match(first) or " | " in first)
    is_list = bool(_LIST_ITEM.match(first)) and any(_LIST_ITEM.match(line.bare) for line in before.lines[-3:])
    return is_list and not block.code and block.end - block.start <= _SHORT_ITEM


def _paragraphs(text: str, noise: Sequence[tuple[int, int]]) -> list[Block]:
    """Group lines to blocks at blank lines; without blank lines each long line is a block."""
    groups: list[list[Line]] = [[]]
    previous_end = 0
    for line in lines_of(text, noise):
        if groups[-1] and len(_BREAKS.findall(text, previous_end, line.start)) > 1:
            groups.append([])
        if line.bare:
            groups[-1].append(line)
            previous_end = line.end
        elif groups[-1]:
            groups.append([])
    return [block for group in groups if group for block in _group_blocks(group)]


def _group_blocks(lines: list[Line]) -> list[Block]:
    long_lines = sum(len(line.bare) > PROSE_LINE for line in lines)
    listed = any(_LIST_ITEM.match(line.bare) for line in lines)
    ended = sum(bool(_ENDED.search(line.bare)) for line in lines[:-1])
    if long_lines >= 2 and long_lines >= 0.4 * len(lines) and not listed and ended >= _MOSTLY * (len(lines) - 1):
        return [Block([line]) for line in lines]
    blocks: list[Block] = []
    rest = lines
    if len(lines) > 1 and _UNDERLINE.match(lines[1].bare) and shaped_like_heading(lines[0].bare):
        blocks, rest = [Block(lines[:1], BlockKind.HEADING), Block(lines[1:2], BlockKind.FURNITURE)], lines[2:]
    elif len(lines) > 1 and LOUD.match(lines[0].bare) and not LOUD.match(lines[1].bare) and not listed:
        blocks, rest = [Block(lines[:1], BlockKind.HEADING)], lines[1:]
    return blocks + ([Block(rest)] if rest else [])


def _split_at(blocks: Sequence[Block], headings: Sequence[tuple[int, int]]) -> list[Block]:
    """Make each line that the format names a heading a separate block."""
    result: list[Block] = []
    at = 0
    for block in blocks:
        if block.code:
            result.append(block)
            continue
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
_CONTENTS = re.compile(r"(?:\.\s?){5,}\s*[\divxl]{1,5}\Z")
# Of reStructuredText: a label, and a directive with its options, but not what it holds.
_DIRECTIVE = re.compile(r"\.\.\s+(?:_[^:]{1,80}:\Z|[\w:-]{1,40}::(?:\s+\S{1,80}){0,4}\Z)")
_OPTION = re.compile(r":[\w-]{1,40}:")
_TALKING = re.compile(r"\.\.\s+(?:note|warning|tip|important|caution|danger|hint|attention|seealso|admonition)::")
_BESIDE_FURNITURE = _whole_line(_PATTERNS["beside_furniture"])


def _is_furniture(bare: str) -> bool:
    if not any(map(str.isalnum, bare)):
        return True
    if len(bare) > _FURNITURE_LENGTH:
        return unknown_share(bare) > UNKNOWN_AT_MOST
    return bool(_FURNITURE.match(bare) or _CONTENTS.search(bare)) or unknown_share(bare) > UNKNOWN_AT_MOST


def _is_apart(block: Block) -> bool:
    """Whether a block is a directive of reStructuredText, or mostly lines of a table of contents."""
    first, *others = block.lines
    if _DIRECTIVE.match(first.bare) and not _TALKING.match(first.bare):
        return all(_OPTION.match(line.bare) for line in others)
    return sum(bool(_CONTENTS.search(line.bare)) for line in block.lines) >= 0.6 * len(block.lines)


def _mark_furniture(blocks: list[Block]) -> None:
    """Mark blocks that are furniture, first lines of it at both ends of the document, then words beside furniture."""
    _peel(blocks)
    for block in blocks:
        if not block.code and (all(_is_furniture(line.bare) for line in block.lines) or _is_apart(block)):
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
    if blocks[-1].code or blocks[0].code:
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
