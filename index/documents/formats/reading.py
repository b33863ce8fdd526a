"""What a reader of a format returns, and a helper that composes it of blocks of text."""

from __future__ import annotations

from dataclasses import dataclass

from index.documents.decoding import without_surrogates


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of a file, its title ("" without one) and the headings that the format names: (start, end, level).

    `pages` are the offsets where pages start, `unread_pages` the numbers, from 1, of those that cannot be read.
    `author` and `date` are what the properties of the file name, "" where they name none. `code` are the ranges of
    code, whole lines, ascending.
    """

    title: str
    text: str
    headings: tuple[tuple[int, int, int], ...] = ()
    pages: tuple[int, ...] = ()
    unread_pages: tuple[int, ...] = ()
    author: str = ""
    date: str = ""
    code: tuple[tuple[int, int], ...] = ()


class Composer:
    r"""Joins blocks of text by blank lines and keeps the offsets of headings.

    add("Rivers", level=1), add("The Rhine floods.") -> text "Rivers\n\nThe Rhine floods.", headings [(0, 6, 1)]
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self.headings: list[tuple[int, int, int]] = []
        self.code: list[tuple[int, int]] = []

    def add(self, block: str, *, level: int = 0, tight: bool = False, code: bool = False) -> int:
        """Add a block, without a blank line before it when `tight`, and return the offset where it starts.

        Code that directly follows code is the same code.
        """
        after_code = code and bool(self.code) and self.code[-1][1] == self._length
        block = without_surrogates(block).strip("\n")
        if not block.strip():
            return self._length
        gap = "" if not self._parts else "\n" if tight or after_code else "\n\n"
        start = self._length + len(gap)
        self._parts.append(gap + block)
        self._length = start + len(block)
        if level:
            self.headings.append((start, self._length, level))
        if after_code:
            self.code[-1] = self.code[-1][0], self._length
        elif code:
            self.code.append((start, self._length))
        return start

    def reading(self, title: str, author: str = "", date: str = "") -> Reading:
        """Return everything that was added; the default title is the first heading of level 1."""
        first = next((self.text[s:e] for s, e, level in self.headings if level == 1), "")
        return Reading(title or first, self.text, tuple(self.headings), author=author, date=date, code=tuple(self.code))

    @property
    def text(self) -> str:
        """The text of all blocks."""
        return "".join(self._parts)
