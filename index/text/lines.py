"""Lines of a text and the blocks that they form, for index.text.boilerplate."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class BlockKind(StrEnum):
    """What a block is that is no prose."""

    FURNITURE = "furniture"
    HEADING = "heading"


_LINE = re.compile("[^\n\r\x85\u2028\u2029]+")


@dataclass(slots=True)
class Line:
    """Offsets of a line without the white space around it, and its text without noise."""

    start: int
    end: int
    bare: str


@dataclass(slots=True)
class Block:
    """Lines without a blank line between them, and those of the list or code that they lead in to.

    `code` are the ranges of code in it: whole lines.
    """

    lines: list[Line]
    kind: BlockKind | None = None
    code: list[tuple[int, int]] = field(default_factory=list)

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


def lines_of(text: str, noise: Sequence[tuple[int, int]]) -> Iterator[Line]:
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
