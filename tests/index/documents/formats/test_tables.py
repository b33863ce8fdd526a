"""A table keeps its rows and columns as lines of text."""

from __future__ import annotations

import time

import pytest

from index.documents.formats.tables import table_lines


def test_a_cell_stands_after_its_heading() -> None:
    """A row that is quoted shows what its cells mean, the empty ones too."""
    rows = [["Plan", "Price", "Export"], ["Free", "0", ""], ["Pro\nplus", "9.50", "✓"]]
    assert table_lines(rows, headed=True) == [
        "Plan | Price | Export",
        "Plan: Free | Price: 0 | Export:",
        "Plan: Pro plus | Price: 9.50 | Export: ✓",
    ]
    assert table_lines(rows) == table_lines(rows, headed=True)


@pytest.mark.parametrize(
    "rows",
    [
        [["Name", "Jane"], ["Town", "Ghent"]],
        [["Rhine", "1230"], ["Elbe", "1094"]],
        [["It floods in May.", "It is old."], ["It is long.", "3"]],
        [["Form 12", "Date:"], ["7", "1999"]],
        [["wood", "heat"], ["pine", "high"]],
    ],
)
def test_without_headings_a_row_is_its_cells(rows: list[list[str]]) -> None:
    """A form, a list of values and sentences side by side have no headings."""
    assert table_lines(rows) == [" | ".join(row) for row in rows]


def test_an_empty_cell_keeps_its_column() -> None:
    """Without headings a bar stands where the empty cell was; an empty row is none; a repeated head is no row."""
    assert table_lines([["a", "", "b"], ["", "", ""], ["", "c", "d"]]) == ["a |  | b", " | c | d"]
    assert table_lines([["A", "B"], ["1", "2"], ["A", "B"]], headed=True)[-1] == "A | B"


def test_five_thousand_rows_take_a_moment() -> None:
    """A long table costs time linear in its rows."""
    began = time.process_time()
    lines = table_lines([["Well", "Depth"], *([f"well {n}", str(n)] for n in range(5000))])
    assert lines[-1] == "Well: well 4999 | Depth: 4999"
    assert time.process_time() - began < 2
