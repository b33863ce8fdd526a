"""Tells columns from tables where a PDF shows text in rows: columns are read one after the other, tables by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

_NARROW_LETTERS = frozenset("iljtfrI.,;:'!|()[] -")
_NARROW, _USUAL, _WIDE = 0.3, 0.52, 0.72
MAY_PART = 0.3  # the gaps, in sizes of the type, that may part columns, and that surely part the cells of a table
_PARTS = 1.5
_GUESS = 0.1
_FEWEST_ROWS = 4
_SAME_PLACE = 3.0  # points
_FEWEST_CHARACTERS = 20
_FILLED = 0.6  # how much of its column a line of flowing text fills


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: x and y, in points, of where it begins, y growing upwards; size of its type in points.

    A row is one of a table, its cells parted by bars.
    """

    text: str
    page: int
    x: float
    y: float
    size: float
    bold: bool
    row: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """What stands at one height of a page: as one line, and parted wherever there may be a gap."""

    whole: Line
    cells: tuple[Line, ...]

    def parted_at(self, x: float) -> tuple[Line, Line] | None:
        """Part the row into what stands before a place and what begins there; None when nothing does."""
        for number, cell in enumerate(self.cells[1:], 1):
            if abs(cell.x - x) <= _SAME_PLACE:
                return _side_by_side(self.cells[:number], " "), _side_by_side(self.cells[number:], " ")
        return None


def width_of(text: str, size: float) -> float:
    """Guess how wide a text is set, in points."""
    widths = (_NARROW if c in _NARROW_LETTERS else _WIDE if c.isupper() or c in "mwMW@%" else _USUAL for c in text)
    return size * sum(widths)


def unfolded(rows: Sequence[Row]) -> list[Line]:
    """Put what a page shows in rows in the order it is read."""
    second = _second_column(rows)
    if second is None:
        return _tables(rows)
    lines: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for row in rows:
        whole = row.whole
        if parts := row.parted_at(second):
            left.append(parts[0])
            right.append(parts[1])
        elif whole.x >= second - _SAME_PLACE:
            right.append(whole)
        elif whole.x + width_of(whole.text, whole.size) < second:
            left.append(whole)
        else:
            lines += [*left, *right, whole]
            left, right = [], []
    return [*lines, *left, *right]


def _second_column(rows: Sequence[Row]) -> float | None:
    """Find where a second column of flowing text begins; None when there is none, or the columns are a table's."""
    places = Counter(round(cell.x / _SAME_PLACE) for row in rows for cell in row.cells[1:])
    if not places or (found := places.most_common(1)[0])[1] < _FEWEST_ROWS:
        return None
    second = _SAME_PLACE * found[0]
    facing = [parts for row in rows if (parts := row.parted_at(second))]
    column = median(second - left.x for left, _ in facing)
    for side in (0, 1):
        if median(len(parts[side].text) for parts in facing) < _FEWEST_CHARACTERS:
            return None
        if median(width_of(parts[side].text, parts[side].size) for parts in facing) < _FILLED * column:
            return None
    return second


def _tables(rows: Sequence[Row]) -> list[Line]:
    """Make one line of each row; where cells stand under one another, part them by bars."""
    wide = [_wide_cells(row) for row in rows]
    lines = []
    for number, row in enumerate(rows):
        near = {place for other in (number - 1, number + 1) if 0 <= other < len(rows) for place in _starts(wide[other])}
        aligned = len(wide[number]) > 1 and bool(near & _starts(wide[number]))
        lines.append(replace(_side_by_side(wide[number], " | "), row=True) if aligned else row.whole)
    return lines


def _starts(cells: Sequence[Line]) -> set[int]:
    return {round(cell.x / _SAME_PLACE) for cell in cells[1:]}


def _wide_cells(row: Row) -> list[Line]:
    """Part a row only where the gap is surely wide: how wide the text before it is set is a guess."""
    cells: list[Line] = []
    for cell in row.cells:
        if cells:
            last = cells[-1]
            end = last.x + (1 + _GUESS) * width_of(last.text, last.size) + _PARTS * last.size
            if cell.x <= end:
                cells[-1] = _side_by_side([last, cell], " ")
                continue
        cells.append(cell)
    return cells


def _side_by_side(cells: Sequence[Line], between: str) -> Line:
    return replace(cells[0], text=between.join(cell.text for cell in cells), bold=all(cell.bold for cell in cells))
