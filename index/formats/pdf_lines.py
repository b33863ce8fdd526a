"""Takes the lines of a PDF page with where they stand and how they look, in the order they are read."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from index.formats.pdf_columns import MAY_PART, Line, Row, unfolded, width_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pypdf import PageObject

_LIGATURES = str.maketrans(
    {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_BOLD = re.compile("bold|black|heavy|semib|demi", re.IGNORECASE)
_FLAT = 1e-6


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    x: float
    y: float
    size: float
    bold: bool


def lines_of(page: PageObject, number: int) -> list[Line]:
    """Give the lines of a page that are upright, or where none is, those in the direction that most of it runs."""
    for orientations in ((0,), (90, 180, 270)):
        pieces = _pieces(page, orientations)
        letters: Counter[int] = Counter()
        for orientation, piece in pieces:
            letters[orientation] += len(piece.text.strip())
        main = letters.most_common(1)
        if main and main[0][1]:
            kept = [piece for orientation, piece in pieces if orientation == main[0][0]]
            return unfolded(list(_rows(kept, number)))
    return []


def _pieces(page: PageObject, orientations: tuple[int, ...]) -> list[tuple[int, _Piece]]:
    """Give what the page shows in these directions, in order, each piece placed as if it were upright."""
    pieces: list[tuple[int, _Piece]] = []

    def visit(text: str, around: Any, own: Any, font: Any, size: Any) -> None:
        if text:
            base = str(font.get("/BaseFont", "")) if font else ""
            orientation, x, y, scale = _placed(own, around)
            pieces.append((orientation, _Piece(text, x, y, abs(float(size)) * scale, bool(_BOLD.search(base)))))

    page.extract_text(orientations=orientations, visitor_text=visit)
    return pieces


def _placed(own: Sequence[float], around: Sequence[float]) -> tuple[int, float, float, float]:
    """Multiply the two matrices of a piece: its direction, x and y as if it were upright, how much it is enlarged."""
    across = own[0] * around[1] + own[1] * around[3]
    skew = own[2] * around[0] + own[3] * around[2]
    upright = own[2] * around[1] + own[3] * around[3]
    x = own[4] * around[0] + own[5] * around[2] + around[4]
    y = own[4] * around[1] + own[5] * around[3] + around[5]
    scale = math.hypot(skew, upright)
    if abs(upright) > _FLAT:
        return (0, x, y, scale) if upright > 0 else (180, -x, -y, scale)
    return (90, y, -x, scale) if across > 0 else (270, -y, x, scale)


def _rows(pieces: Sequence[_Piece], page: int) -> Iterator[Row]:
    """Give what stands at one height, with the places where the text may be parted."""
    current: list[_Piece] = []
    for piece in pieces:
        *whole, last = piece.text.split("\n")
        for text in whole:
            yield from _row([*current, replace(piece, text=text)], page)
            current = []
        if last:
            current.append(replace(piece, text=last))
    yield from _row(current, page)


def _row(pieces: Sequence[_Piece], page: int) -> Iterator[Row]:
    cells: list[list[_Piece]] = []
    end = math.inf
    for piece in pieces:
        inked = bool(piece.text.strip())
        if not cells or (inked and piece.x > end):
            cells.append([])
        cells[-1].append(piece)
        if inked:
            end = piece.x + width_of(piece.text, piece.size) + MAY_PART * piece.size
    for whole in _line(pieces, page):
        yield Row(whole, tuple(line for cell in cells for line in _line(cell, page)))


def _line(pieces: Sequence[_Piece], page: int) -> Iterator[Line]:
    """Make one line of its pieces, or none when they say nothing; it looks as most of its letters do."""
    text = " ".join(_CONTROLS.sub("", "".join(piece.text for piece in pieces).translate(_LIGATURES)).split())
    if not text:
        return
    inked = [piece for piece in pieces if piece.text.strip()]
    sizes = Counter[float]()
    for piece in inked:
        sizes[round(piece.size, 1)] += len(piece.text.strip())
    first = inked[0]
    yield Line(text, page, first.x, first.y, sizes.most_common(1)[0][0], all(piece.bold for piece in inked))
