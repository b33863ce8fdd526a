"""Collects the pieces of text of a PDF page, without repeats and with the bullets that are drawn as shapes."""

from __future__ import annotations

import ctypes
from collections import Counter
from dataclasses import replace
from typing import TypeAlias

import pypdfium2.raw as pdfium

from index.documents.formats.pdf_glyphs import ADDRESS, SAME_PLACE, GlyphReader, Piece, quick

# A dot that stands for a bullet: how large, how far before its text and how high above the baseline, in sizes of the
# type; how uneven its sides; above how many of them on a page they are a drawing.
_SMALL, _LARGE, _BESIDE, _MIDDLE, _UNEVEN = 0.12, 0.6, 2.0, 0.7, 0.25
_LARGEST_DOT = 12.0  # points
_MOST_DOTS = 200
_MOST_OBJECTS = 20_000
_Box: TypeAlias = tuple[float, float, float, float]

_object = quick(pdfium.FPDFPage_GetObject, ADDRESS, ADDRESS, ctypes.c_int)
_type = quick(pdfium.FPDFPageObj_GetType, ctypes.c_int, ADDRESS)


def pieces_of(page: pdfium.FPDF_PAGE) -> list[Piece] | None:
    """Return the pieces of the direction that most text of the page has, with coordinates as if it were upright.

    None when the page cannot be read.
    """
    text = pdfium.FPDFText_LoadPage(page)
    if not text:
        return None
    try:
        reader = GlyphReader(page, text)
        found = [piece for piece in reader.pieces() if reader.is_shown(piece)]
    finally:
        pdfium.FPDFText_ClosePage(text)
    letters: Counter[int] = Counter()
    for piece in found:
        letters[piece.look.direction] += len(piece.text)
    main = max(letters, key=lambda direction: letters[direction], default=0)
    pieces = _without_repeats([piece for piece in found if piece.look.direction == main])
    if main:
        # The order that pdfium gives turned lines is not that of the page's content.
        return sorted(pieces, key=lambda piece: -piece.y)
    return _with_bullets(pieces, _dots_of(page))


def _without_repeats(pieces: list[Piece]) -> list[Piece]:
    """Drop text that is drawn again at the same place, as a shadow or to look bold."""
    kept: list[Piece] = []
    drawn: dict[str, Piece] = {}
    for piece in pieces:
        other = drawn.get(piece.text)
        near = SAME_PLACE * piece.look.size
        if other is None or abs(other.left - piece.left) >= near or abs(other.y - piece.y) >= near:
            kept.append(piece)
            drawn[piece.text] = piece
    return kept


def _dots_of(page: pdfium.FPDF_PAGE) -> list[_Box]:
    """Return left, bottom, right and top of small shapes that are about as high as wide: drawn bullets."""
    dots: list[_Box] = []
    edges = [ctypes.c_float() for _ in range(4)]
    address = ctypes.cast(page, ADDRESS).value
    for number in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        if _type(_object(address, number)) == pdfium.FPDF_PAGEOBJ_PATH:
            pdfium.FPDFPageObj_GetBounds(pdfium.FPDFPage_GetObject(page, number), *edges)
            left, bottom, right, top = (edge.value for edge in edges)
            if 0 < right - left < _LARGEST_DOT and abs((right - left) - (top - bottom)) < _UNEVEN * (right - left):
                dots.append((left, bottom, right, top))
    return dots if len(dots) <= _MOST_DOTS else []


def _with_bullets(pieces: list[Piece], dots: list[_Box]) -> list[Piece]:
    """Insert a bullet for each dot directly before a piece."""
    for left, bottom, right, top in dots:
        beside = [
            number
            for number, piece in enumerate(pieces)
            if _SMALL * piece.size < right - left < _LARGE * piece.size
            and piece.y < (bottom + top) / 2 < piece.y + piece.size * _MIDDLE
            and 0 <= (left - piece.right if piece.is_right_to_left else piece.left - right) < _BESIDE * piece.size
        ]
        if beside:
            first = pieces[beside[0]]
            pieces.insert(beside[0], replace(first, text="\u2022 ", left=left, right=right, is_right_to_left=False))
    return pieces
