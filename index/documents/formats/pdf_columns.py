"""Tells columns of text, which are read one after the other, from tables, which are read row by row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

_FEWEST_ROWS = 4
_SAME_PLACE = 3.0  # points
_FEWEST_CHARACTERS = 20
_ALIGNED = 0.51  # of the cells of a row of a table
_EVEN, _WIDEST_SPACE, _MOSTLY = 0.06, 2.0, 0.6  # the spaces of a justified line, in sizes of the type; of its gaps
_LABEL = re.compile(r"\W|\(?\w{1,3}[.)]|\d+(?:\.\d+)*\.?")  # of a list item or a section
_FILLED = 0.6  # how much of its column a line of flowing text fills


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: left, right and baseline in points, y growing upwards; size of its type in points.

    `first` is the width of its first word. `row` is true for a row of a table, its cells joined by bars; `mono` where
    all letters have one width.
    """

    text: str
    page: int
    x: float
    right: float
    first: float
    y: float
    size: float
    bold: bool
    row: bool = False
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The text at one height of a page, from left to right, cut into cells at each wide gap."""

    cells: tuple[Line, ...]

    @property
    def whole(self) -> Line:
        """The cells side by side, as one line."""
        return _side_by_side(self.cells, " ")

    def parted_at(self, x: float) -> tuple[Row, Row] | None:
        """Cut the row before the cell that begins at x; None when none does."""
        for number, cell in enumerate(self.cells[1:], 1):
            if abs(cell.x - x) <= _SAME_PLACE:
                return Row(self.cells[:number]), Row(self.cells[number:])
        return None


def unfolded(rows: Sequence[Row]) -> list[Line]:
    """Return the lines of a page in the order in which they are read.

    Two columns                                Table
        [The river | It floods] -> The river       [Rhine | 1230] -> Rhine | 1230
        [is long.  | in May.  ]    is long.        [Elbe  | 1094]    Elbe | 1094
                                   It floods
                                   in May.
    """
    second = _second_column(rows)
    if second is None:
        return _tables(rows)
    lines: list[Line] = []
    left: list[Row] = []
    right: list[Row] = []
    for row in rows:
        if parts := row.parted_at(second):
            left.append(parts[0])
            right.append(parts[1])
        elif row.cells[0].x >= second - _SAME_PLACE:
            right.append(row)
        elif row.cells[-1].right < second:
            left.append(row)
        else:
            lines += [*unfolded(left), *unfolded(right), row.whole]
            left, right = [], []
    return [*lines, *unfolded(left), *unfolded(right)]


def _second_column(rows: Sequence[Row]) -> float | None:
    """Return the x at which a second column of flowing text begins; None without one, and for a table."""
    places = Counter(round(cell.x / _SAME_PLACE) for row in rows for cell in row.cells[1:])
    if not places or (found := places.most_common(1)[0])[1] < _FEWEST_ROWS:
        return None
    second = _SAME_PLACE * found[0]
    facing = [parts for row in rows if (parts := row.parted_at(second))]
    across = sum(row.cells[0].x < second - _SAME_PLACE and row.cells[-1].right > second for row in rows) - len(facing)
    if across > len(facing):
        return None
    column = median(second - left.cells[0].x for left, _ in facing)
    for side in (0, 1):
        sides = [parts[side].whole for parts in facing]
        if median(len(line.text) for line in sides) < _FEWEST_CHARACTERS:
            return None
        if median(line.right - line.x for line in sides) < _FILLED * column:
            return None
    return second


def _tables(rows: Sequence[Row]) -> list[Line]:
    """Make one line of each row, with bars between cells that are aligned with those of the row before or after."""
    lines = []
    for number, row in enumerate(rows):
        near = [rows[other] for other in (number - 1, number + 1) if 0 <= other < len(rows)]
        if not _LABEL.fullmatch(row.cells[0].text) and any(_aligned(row, other) for other in near):
            lines.append(replace(_side_by_side(row.cells, " | "), row=True))
        else:
            lines.append(row.whole)
    return lines


def _aligned(row: Row, other: Row) -> bool:
    """Say whether most cells after the first begin (numbers: or end) at the same x as cells of another row.

    The words of a justified line may be far apart as well, but evenly, and seldom aligned.
    """
    if len(row.cells) == 1 or (len(row.cells) == 2) != (len(other.cells) == 2) or _is_even(row) or _is_even(other):
        return False
    lefts = [cell.x for cell in other.cells[1:]]
    rights = [cell.right for cell in other.cells[1:]]
    aligned = sum(
        _is_among(cell.x, lefts) or (bool(re.search(r"\d", cell.text)) and _is_among(cell.right, rights))
        for cell in row.cells[1:]
    )
    return aligned > _ALIGNED * (len(row.cells) - 1)


def _is_even(row: Row) -> bool:
    gaps = [cell.x - before.right for before, cell in pairwise(row.cells)]
    middle = median(gaps or [0.0])
    alike = sum(abs(gap - middle) < _EVEN * row.cells[0].size for gap in gaps)
    return middle < _WIDEST_SPACE * row.cells[0].size and alike >= max(2, _MOSTLY * len(gaps))


def _is_among(place: float, places: Sequence[float]) -> bool:
    return any(abs(place - other) <= _SAME_PLACE for other in places)


def _side_by_side(cells: Sequence[Line], between: str) -> Line:
    """Join cells to one line with the look of the longest cell."""
    return replace(
        max(cells, key=lambda cell: len(cell.text)),
        text=between.join(cell.text for cell in cells),
        x=cells[0].x,
        right=cells[-1].right,
        first=cells[0].first,
        bold=all(cell.bold for cell in cells),
        mono=all(cell.mono for cell in cells),
    )
