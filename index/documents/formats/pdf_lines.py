"""Joins the pieces of a PDF page to lines, in the order in which they are read."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from index.documents.formats.pdf_columns import Line, Row, unfolded
from index.documents.formats.pdf_glyphs import SPACE, Piece
from index.documents.formats.pdf_pieces import pieces_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pypdfium2.raw as pdfium

_X_HEIGHT = 0.5  # of the size
_NEAR = 3  # pieces
_RAISED = 0.15  # of the size
_RAISED_SIZE = 0.85
_RAISED_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_TRACKED = 0.7  # of the pieces, those of one letter: the letters are spaced out
_TRACKED_SPACE = 1.6
_LIGATURES = str.maketrans(
    {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
)
_STOP_BEFORE = re.compile(r"\A([.,:;!?]+)(.+)")
_DROPPED = 1.8  # how many times as large as its text a dropped initial is


def lines_of(page: pdfium.FPDF_PAGE, number: int) -> list[Line] | None:
    """Return the lines of a page in the order in which they are read; None when the page cannot be read.

    On a page that is mostly written from right to left (`mirrored`) every x is negated, so that lines begin at their
    smallest x there as well, and the rules for columns, indents and gaps hold for both directions.
    """
    pieces = pieces_of(page)
    if pieces is None:
        return None
    # Each letter of a right-to-left script is a piece.
    mirrored = sum(piece.is_right_to_left for piece in pieces) > sum(len(piece.text) for piece in pieces) / 2
    if mirrored:
        pieces = [replace(piece, left=-piece.right, right=-piece.left) for piece in pieces]
    rows = _with_initials(list(_rows(pieces)))
    return unfolded([_row(row, number, mirrored) for row in rows])


def _rows(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield the pieces at one height, as long as the content of the page stays at it."""
    row: list[Piece] = []
    for piece in pieces:
        # Not only with the piece before, which may be raised or lowered.
        if row and not any(_same_height(each, piece) for each in row[-_NEAR:]):
            yield row
            row = []
        row.append(piece)
    if row:
        yield row


def _same_height(one: Piece, other: Piece) -> bool:
    """Say whether the middle of the smaller piece is within the height of the larger one, as of a raised number."""
    small, large = (one, other) if one.size <= other.size else (other, one)
    return large.y <= small.y + _X_HEIGHT * small.size / 2 <= large.y + large.size


def _with_initials(rows: list[list[Piece]]) -> list[list[Piece]]:
    """Put a large initial in front of the first line beside it: "T", "he sea", "is old" -> "The sea", "is old"."""
    for initial in [row for row in rows if len(row) == 1 and len(row[0].text.strip()) == 1]:
        large = initial[0]
        beside = [
            row
            for row in rows
            if large.size > _DROPPED * row[0].size
            and -row[0].size < row[0].left - large.right < row[0].size
            and large.y - row[0].size < row[0].y < large.y + large.size
        ]
        if beside and large.text.isalpha():
            first = max(beside, key=lambda row: row[0].y)
            first[0].spaced = False
            first.insert(0, replace(large, right=first[0].left, look=first[0].look, y=first[0].y))
            rows.remove(initial)
    return rows


def _row(pieces: Sequence[Piece], page: int, mirrored: bool) -> Row:
    pieces = sorted(pieces, key=lambda piece: (piece.left, piece.order))
    cells = [[pieces[0]]]
    right = pieces[0].right
    for before, piece in pairwise(pieces):
        if piece.left - right > before.parting_gap:
            cells.append([])
        cells[-1].append(piece)
        right = max(right, piece.right)
    return Row(tuple(_line(cell, page, mirrored) for cell in cells))


def _line(pieces: Sequence[Piece], page: int, mirrored: bool) -> Line:
    """Join pieces to a line with the look of most of its letters."""
    sizes: Counter[float] = Counter()
    for piece in pieces:
        sizes[round(piece.size, 1)] += len(piece.text)
    size = sizes.most_common(1)[0][0]
    y = next(piece.y for piece in pieces if round(piece.size, 1) == size)
    text = _text(_in_order(pieces, mirrored), size, y)
    first = (len(text.split()[0]) / len(text)) * (pieces[-1].right - pieces[0].left) if text else 0.0
    return Line(
        text,
        page,
        pieces[0].left,
        max(piece.right for piece in pieces),
        first,
        y,
        size,
        all(piece.look.bold for piece in pieces),
        mono=all(piece.look.mono for piece in pieces),
    )


def _in_order(pieces: Sequence[Piece], mirrored: bool) -> list[Piece]:
    """Turn the order in which the pieces of a line stand into the order in which they are read.

    A run of pieces whose script has the other direction than the page is reversed, with the spaces and signs inside of
    it. Hebrew letters in an English line, in capitals here:

        stand as   "the word "  D  C  " "  B  A  " is old"
        read as    "the word "  A  B  " "  C  D  " is old"
    """
    ordered: list[Piece] = []
    run: list[Piece] = []  # of the other direction, in the order in which it stands
    signs: list[Piece] = []  # without a direction; inside of a run when the run goes on after them
    for piece in pieces:
        if not any(letter.isalnum() for letter in piece.text):
            signs.append(piece)
            continue
        if piece.is_right_to_left != mirrored:
            (run or ordered).extend(signs)
            run.append(piece)
        else:
            ordered += [*_reversed(run, mirrored), *signs, piece]
            run = []
        signs = []
    return [*ordered, *_reversed(run, mirrored), *signs]


def _reversed(run: list[Piece], mirrored: bool) -> list[Piece]:
    """Reverse a run; a full stop left of a number on a mirrored page ends the number's sentence: ".12" is "12."."""
    if run and mirrored:
        run[-1].text = _STOP_BEFORE.sub(r"\2\1", run[-1].text.strip())
    return run[::-1]


def _text(pieces: Sequence[Piece], size: float, y: float) -> str:
    """Join pieces in reading order, with a space at each gap and each written space.

    "T" "H" "E" "  " "S" "E" "A", spaced out by equal gaps -> "THE SEA"; "note" and a raised "1" -> "note¹".
    """
    gaps = [max(other.left - one.right, one.left - other.right) for one, other in pairwise(pieces)]
    space = SPACE * size
    tracked = sum(len(piece.text.strip()) == 1 and piece.text[0].isalpha() for piece in pieces)
    is_tracked = tracked > _TRACKED * len(pieces)
    if is_tracked and gaps:
        space = max(space, _TRACKED_SPACE * median(gaps))
    by_gaps = any(piece.is_right_to_left for piece in pieces)  # a space stands on either side of its word then
    parts: list[str] = []
    for gap, piece in zip((0.0, *gaps), pieces, strict=True):
        text = piece.text.strip() if by_gaps else piece.text
        if piece.size < _RAISED_SIZE * size and piece.y > y + _RAISED * size and text.strip().isdecimal():
            text = text.translate(_RAISED_DIGITS)
        parts.append(f" {text}" if gap > space or (piece.spaced and not is_tracked) else text)
    return " ".join("".join(parts).translate(_LIGATURES).split())
