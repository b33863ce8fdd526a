"""What every format is turned into: a title, the text a reader sees, and where its headings and pages stand."""

from __future__ import annotations

from dataclasses import dataclass

from index.documents.decoding import without_surrogates


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as a reader sees it; title: "" when the format names none; headings: (start, end, level).

    `pages` are the offsets where pages start, `unread_pages` the numbers, from 1, of those that cannot be read.
    """

    title: str
    text: str
    headings: tuple[tuple[int, int, int], ...] = ()
    pages: tuple[int, ...] = ()
    unread_pages: tuple[int, ...] = ()


class Composer:
    """Collects blocks of text parted by blank lines, and where the headings among them stand."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self.headings: list[tuple[int, int, int]] = []

    def add(self, block: str, *, level: int = 0, tight: bool = False) -> int:
        """Add a block, on a line of its own when tight, and give the offset where it starts."""
        block = without_surrogates(block).strip("\n")
        if not block.strip():
            return self._length
        gap = "" if not self._parts else "\n" if tight else "\n\n"
        start = self._length + len(gap)
        self._parts.append(gap + block)
        self._length = start + len(block)
        if level:
            self.headings.append((start, self._length, level))
        return start

    def reading(self, title: str) -> Reading:
        """Give what was collected; without a title the first heading of the highest level is one."""
        first = next((self.text[s:e] for s, e, level in self.headings if level == 1), "")
        return Reading(title or first, self.text, tuple(self.headings))

    @property
    def text(self) -> str:
        return "".join(self._parts)
