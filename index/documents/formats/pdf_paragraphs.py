"""Joins the lines of a PDF to paragraphs, across the ends of lines, columns and pages."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from index.documents.formats.pdf_columns import Line

# All in units of the size of the type, or of what is usual in the document.
_SAME_SIZE = 0.08
_SAME_COLUMN = 4.0
_GAP = 1.35
_INDENT = 0.8
_AT_MARGIN = 0.3
_WORD_SPACE = 0.25
_SPARE_WITHIN = 0.1  # of the width of the column
_REACHED = 0.9  # of the lines of a column, those that do not reach beyond what is taken for its edge
_MANY = 6
_END = 80  # characters
_CODE_AT_MOST = 0.5  # of the letters; where most have one width, that says nothing
_DEEPEST_INDENT = 40  # letters

_LEADERS = re.compile(r"(?:\. ?){5,}\s*[\divxl]{1,5}\Z")  # of a table of contents
_ENDED = re.compile(r"[.!?:;\u2026\u3002\uff01\uff1f][\"'\u201d\u2019)\]\u00bb]*\Z")
_BULLET = re.compile(r"[\u2022\u2023\u25e6\u25aa\u25cf\u25cb\u25a0\u00b7\u2013\u2014*-]\s+\S")
_NUMBERED = re.compile(r"(?:\(?\d{1,2}[.)]|\(?[a-z][.)])\s+\S")
# Letters of scripts that are written without spaces between words.
_SPACELESS = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_BROKEN_WORD = re.compile(r"(?P<front>[^\W\d_]+)[-\u00ad\u2010]\Z")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


@dataclass(slots=True)
class Paragraph:
    """Joined lines, or a line of code; `level` is that of a heading, or 0; `tight` has no blank line before it.

    `pages` are the pages that begin in it, each with the offset in its text.
    """

    text: str
    size: float
    bold: bool
    last: Line
    tight: bool = False
    item: bool = False
    code: bool = False
    level: int = 0
    pages: list[tuple[int, int]] = field(default_factory=list)

    @property
    def end(self) -> str:
        """The last _END characters: rules look at the end only, and a paragraph may be very long."""
        return self.text[-_END:]


def paragraphs_of(pages: Sequence[Sequence[Line]]) -> list[Paragraph]:
    """Join the lines of all pages to paragraphs, in order.

    Lines in                                  Paragraphs out
        "The river rises in a moun-"          "The river rises in a mountain."
        "tain."                               "- It is deep."  (item)
        "- It is deep."
    """
    lines = [line for page in pages for line in page]
    flow = _Flow(lines)
    for line in lines:
        flow.add(line)
    return flow.paragraphs


class _Flow:
    def __init__(self, lines: Sequence[Line]) -> None:
        self.paragraphs: list[Paragraph] = []
        runs = _runs(lines)
        self._edges = _edges(lines, runs)
        self._margins = _margins(runs)
        self._pitches = _pitches(runs)
        letters = sum(len(line.text) for line in lines)
        self._tells_code = sum(len(line.text) for line in lines if line.mono) <= _CODE_AT_MOST * letters
        self._words = Counter(word.lower() for line in lines for word in _WORD.findall(line.text))

    def add(self, line: Line) -> None:
        """Go on with the paragraph before the line, or begin one with it."""
        if self._tells_code and line.mono and not line.row:
            self._code(line)
            return
        if not self.paragraphs or self.paragraphs[-1].code:
            self._begin(line)
            return
        before = self.paragraphs[-1]
        if self._jumps(before.last, line):
            if (open_one := self._open_before(line)) is not None:
                # What stood under the column, such as a footnote, goes before the paragraph that runs on.
                self.paragraphs.append(self.paragraphs.pop(open_one))
                self._join(self.paragraphs[-1], line)
            else:
                self._begin(line)
        elif line.row or before.last.row:
            self._begin(line, tight=line.row and before.last.row)
        elif not _alike(before.last, line) or self._gap(before.last, line):
            self._begin(line)
        elif _LEADERS.search(line.text) or _LEADERS.search(before.end):
            self._begin(line, tight=True)
        elif _BULLET.match(line.text) or (_NUMBERED.match(line.text) and self._stops(before.last, line)):
            self._begin(line, item=True)
        elif (before.item and before.last.x - line.x > _INDENT * line.size) or (
            not before.item and self._indented(before.last, line)
        ):
            self._begin(line)
        elif self._had_room(before.last, line):
            self._begin(line, tight=not _ENDED.search(before.end))
        else:
            self._join(before, line)

    def _begin(self, line: Line, *, item: bool = False, tight: bool = False) -> None:
        item = item or bool(_BULLET.match(line.text))
        tight = tight or (item and bool(self.paragraphs) and self.paragraphs[-1].item)
        self.paragraphs.append(Paragraph("", line.size, line.bold, line, tight, item))
        self._join(self.paragraphs[-1], line)

    def _code(self, line: Line) -> None:
        """Add a line of code, indented by as many spaces as it is wide letters from its margin."""
        width = line.first / max(len(line.text.split()[0]), 1) if line.text.strip() else 1.0
        indent = round((line.x - self._margins[id(line)]) / width) if width > 0 else 0
        text = " " * min(max(indent, 0), _DEEPEST_INDENT) + line.text
        self.paragraphs.append(Paragraph(text, line.size, line.bold, line, code=True, pages=[(line.page, 0)]))

    def _join(self, paragraph: Paragraph, line: Line) -> None:
        new_page = not paragraph.pages or paragraph.last.page != line.page
        paragraph.text = self._joined(paragraph.text, line.text)
        paragraph.last = line
        if new_page:
            paragraph.pages.append((line.page, len(paragraph.text) - len(line.text)))

    def _joined(self, text: str, more: str) -> str:
        if not text or (_SPACELESS.match(text[-1]) and _SPACELESS.match(more)):
            return text + more
        broken = _BROKEN_WORD.search(text[-_END:])
        if not broken or not more[:1].isalpha():
            return f"{text} {more}"
        one_word = more[0].islower() or (broken["front"] + more[:2]).isupper()
        return (text[:-1] if one_word and self._is_hyphenation(text, more) else text) + more

    def _is_hyphenation(self, text: str, more: str) -> bool:
        """Say whether a hyphen only breaks a word: the document has the whole word at least as often."""
        if text.endswith("\u00ad"):
            return True
        front = text[-_END:].split()[-1].lower()
        back = _WORD.match(more)
        whole = front[:-1] + (back[0].lower() if back else "")
        hyphened = front + (back[0].lower() if back else "")
        whole, hyphened = whole.lstrip("\"'(\u201c\u2018"), hyphened.lstrip("\"'(\u201c\u2018")
        return self._words[whole] >= self._words[hyphened] and "-" not in whole

    def _jumps(self, before: Line, line: Line) -> bool:
        """Say whether a line is in another column or on another page than the line before."""
        left, right = abs(line.x - before.x), abs(line.right - before.right)
        aside = min(left, right, abs(line.x + line.right - before.x - before.right) / 2)
        return line.page != before.page or line.y > before.y or aside > _SAME_COLUMN * max(line.size, 1)

    def _open_before(self, line: Line) -> int | None:
        """Return the index of the paragraph that a line at the top of a column continues; None for none."""
        before = self.paragraphs[-1].last
        if line.page == before.page and line.y <= before.y:
            return None
        for number in range(len(self.paragraphs) - 1, max(-1, len(self.paragraphs) - 6), -1):
            paragraph = self.paragraphs[number]
            if _alike(paragraph.last, line):
                return number if self._runs_on(paragraph, line) else None
            if paragraph.size > line.size or paragraph.last.page < line.page - 1:
                return None
        return None

    def _runs_on(self, paragraph: Paragraph, line: Line) -> bool:
        if line.row or paragraph.last.row or _ENDED.search(paragraph.end) or _BULLET.match(line.text):
            return False
        return line.text[:1].islower() or not (self._had_room(paragraph.last, line) or _NUMBERED.match(line.text))

    def _gap(self, before: Line, line: Line) -> bool:
        return before.y - line.y > _GAP * self._pitches.get(round(line.size), 1.2 * line.size)

    def _stops(self, before: Line, line: Line) -> bool:
        return bool(_ENDED.search(before.text)) or self._had_room(before, line)

    def _had_room(self, before: Line, line: Line) -> bool:
        """Say whether the first word of a line would have fitted on the line before; within a sentence, easily."""
        if _BROKEN_WORD.search(before.text):
            return False
        edge = self._edges[id(before)]
        spare = 0.0 if _ENDED.search(before.text) else _SPARE_WITHIN * (edge - before.x)
        return edge - before.right > line.first + _WORD_SPACE * before.size + spare

    def _indented(self, before: Line, line: Line) -> bool:
        """Say whether an indent marks a line as the first of a paragraph."""
        margin = self._margins[id(line)]
        at_margin = before.x - margin < _AT_MARGIN * line.size
        return at_margin and line.x - margin > _INDENT * line.size and self._stops(before, line)


def _alike(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size) and one.bold == other.bold


def _runs(lines: Sequence[Line]) -> list[list[Line]]:
    """Group lines into runs: one under the other, in one size of type, beginning at about the same x."""
    runs: list[list[Line]] = []
    for line in lines:
        last = runs[-1][-1] if runs else None
        if (
            last is not None
            and last.page == line.page
            and 0 <= last.y - line.y < 4 * max(line.size, 1)
            and abs(last.size - line.size) <= _SAME_SIZE * max(last.size, line.size)
            and abs(runs[-1][0].x - line.x) <= _SAME_COLUMN * max(line.size, 1)
        ):
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def _edges(lines: Sequence[Line], runs: Sequence[list[Line]]) -> dict[int, float]:
    """Return for each line, by its id(), the x up to which lines of its column reach.

    Its column are the lines of its run, or, of a short run, all lines of the page that begin at the same x.
    """
    of_page: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        of_page[line.page].append(line)
    edges: dict[int, float] = {}
    for run in runs:
        around = run
        if len(run) < _MANY:
            reach = _SAME_COLUMN * max(run[0].size, 1)
            around = [line for line in of_page[run[0].page] if abs(line.x - run[0].x) <= reach]
        rights = sorted(line.right for line in around if not line.row) or [run[0].right]
        edge = rights[int(_REACHED * (len(rights) - 1))]
        edges |= dict.fromkeys(map(id, run), edge)
    return edges


def _margins(runs: Sequence[list[Line]]) -> dict[int, float]:
    """Return for each line, by its id(), the smallest x of the lines of its run."""
    margins: dict[int, float] = {}
    for run in runs:
        margins |= dict.fromkeys(map(id, run), min(line.x for line in run))
    return margins


def _pitches(runs: Sequence[list[Line]]) -> dict[int, float]:
    """Return for each size of type, in whole points, the usual distance of lines within a paragraph, in points."""
    distances: dict[int, list[float]] = defaultdict(list)
    for run in runs:
        for one, other in pairwise(run):
            if one.y - other.y > 0.8 * other.size:
                distances[round(other.size)].append(one.y - other.y)
    return {size: min(sorted(found)[len(found) // 4], 2.2 * size) for size, found in distances.items()}
