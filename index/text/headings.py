"""Recognises headings that are plain lines, by rule, for index.text.boilerplate."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from index.text.lines import Block, BlockKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.text.lines import Line

PROSE_LINE = 120  # characters
_HEADING_LENGTH = 120
LOUD = re.compile(
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


def shaped_like_heading(bare: str) -> bool:
    """Say whether a line may be a heading by its length, its first word and its end."""
    if not 2 <= len(bare) <= _HEADING_LENGTH or _ENDED.search(bare) or _NOT_A_HEADING.match(bare):
        return False
    rest = bare[numbered.end() :] if (numbered := _NUMBERED.match(bare)) else bare
    if "\t" in bare or " | " in bare or _TWO_SENTENCES.search(rest):
        return False
    first = next((c for c in rest if c.isalnum()), "")
    return bool(first) and not first.islower() and sum(c.isalpha() for c in bare) >= 2


def mark_headings(blocks: Sequence[Block]) -> None:
    """Mark one-line blocks above prose as headings; from the end, to count headings in a row (3 at most)."""
    following: Block | None = None
    chain = 0
    for block in reversed(blocks):
        if block.kind == BlockKind.FURNITURE:
            continue
        if block.kind == BlockKind.HEADING:
            chain += 1
        elif following is not None and block.bare and not block.code and _heads(block, following, chain):
            block.kind = BlockKind.HEADING
            chain += 1
        else:
            chain = 0
        following = block


def _heads(block: Block, following: Block, chain: int) -> bool:
    bare = block.bare
    if LOUD.match(bare):
        return True
    if not shaped_like_heading(bare):
        return False
    if following.kind == BlockKind.HEADING:
        return chain < 3
    if _NUMBERED.match(bare) and _NUMBERED.match(following.lines[0].bare):
        return False
    last = following.lines[-1].bare
    body = len(following.lines) > 1 or following.end - following.start >= PROSE_LINE or bool(_ENDED.search(last))
    return body and following.end - following.start > len(bare)


# Of a document of questions and answers: at least so many questions, and so large a share of the blocks.
_FEWEST_QUESTIONS, _QUESTIONS = 3, 0.25
_ASKED = re.compile(r"(?:Q|Question)\s?\d{0,3}\s?[.:)]\s+\S.{3,250}\?\Z")
_LONGEST_QUESTION = 250  # characters


def with_questions(blocks: Sequence[Block]) -> list[Block]:
    """Make headings of the questions of a document of questions and answers, so that each has its answer under it.

    A line "Q: ...?" is one anywhere, a paragraph that is one question where many are.
    """
    found: list[Block] = []
    for block in blocks:
        if block.kind is None and not block.code and any(_ASKED.match(line.bare) for line in block.lines):
            found += _parted(block)
        else:
            found.append(block)
    asked = [
        block
        for block, following in pairwise(found)
        if _is_question(block) and following.kind is None and not _is_question(following)
    ]
    if len(asked) >= max(_FEWEST_QUESTIONS, _QUESTIONS * len(found)):
        for block in asked:
            block.kind = BlockKind.HEADING
    return found


def _parted(block: Block) -> Iterator[Block]:
    """Yield the questions of a block as headings, and what stands between them."""
    lines: list[Line] = []
    for line in block.lines:
        if _ASKED.match(line.bare):
            if lines:
                yield Block(lines)
            yield Block([line], BlockKind.HEADING)
            lines = []
        else:
            lines.append(line)
    if lines:
        yield Block(lines)


def _is_question(block: Block) -> bool:
    bare = block.bare
    return (
        block.kind is None
        and bare.endswith("?")
        and len(bare) <= _LONGEST_QUESTION
        and bare[:1].isupper()
        and not _TWO_SENTENCES.search(bare)
    )
