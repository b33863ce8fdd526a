"""Reads the glyphs of a PDF page with pypdfium2 and joins them to pieces of text with their true boxes."""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

import pypdfium2.raw as pdfium

if TYPE_CHECKING:
    from collections.abc import Iterator

# In sizes of the type.
SPACE = 0.2  # a gap that parts words where no space is written
_SUPPOSED_SPACE = 0.1  # one that does so where pdfium, which knows how wide the font's space is, supposes one
_WIDE = 0.8  # one that may part columns or the cells of a table
_STRETCHED = 3.0  # one that does so even where a space is written, which justified text may stretch
_SAME_PLACE = 0.15  # two pieces this near are one, drawn twice as a shadow or to look bold
_BACKWARDS = 0.3
_REPEATS_WITHIN = 8  # pieces
_ASKEW = 0.1  # quarter turns
_BOLD = re.compile(r"bold|black|heavy|semib|demi|cmbx|sfbx", re.IGNORECASE)
_FORCE_BOLD = 1 << 18  # ISO 32000-1, table 123
_NAME_BYTES = 256
_NO_TEXT = frozenset("\u200b\u2060\ufeff\ufffe\uffff\x7f")
_HYPHEN = 2  # what pdfium makes of a hyphen at the end of a line
_SUPPOSED = "\n"
_UNKNOWN = "\ufffd"
# Bullets of the fonts Symbol and Wingdings, which Word writes in the private use area.
_BULLETS = frozenset((0xF0B7, 0xF0A7, 0xF0A8, 0xF076, 0xF0D8, 0xF0FC))
# All but the digits of these scripts, which run from left to right.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u065f\u066a-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# The letters of the one ligature that Arabic must have, which pdfium may give in the wrong order.
_LAM, _ALEFS = "\u0644", "\u0622\u0623\u0625\u0627"
# A dot that stands for a bullet: how large, how far before its text and how high above the baseline, in sizes of the
# type; how uneven its sides; above how many of them on a page they are a drawing.
_SMALL, _LARGE, _BESIDE, _MIDDLE, _UNEVEN = 0.12, 0.6, 2.0, 0.7, 0.25
_LARGEST_DOT = 12.0  # points
_MOST_DOTS = 200
_MOST_OBJECTS = 20_000
_Box: TypeAlias = tuple[float, float, float, float]

# Gives the address alone: a pointer object for each glyph takes four times as long.
_object_of = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)(
    ctypes.cast(pdfium.FPDFText_GetTextObject, ctypes.c_void_p).value or 0
)


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks: its direction in quarter turns, the size of its type in points, whether it is bold."""

    direction: int
    size: float
    bold: bool
    font: pdfium.FPDF_FONT = field(compare=False)


@dataclass(slots=True)
class Piece:
    """Text without a wide gap: left, right and baseline in points, y growing upwards.

    `order` is its place in the content of the page, `last` where its last glyph begins; a space is supposed before it
    when it is `spaced`. Each letter of a script that
    runs from right to left is a piece.
    """

    text: str
    order: int
    left: float
    right: float
    y: float
    look: Look
    last: float
    spaced: bool

    @property
    def size(self) -> float:
        return self.look.size

    @property
    def is_right_to_left(self) -> bool:
        return bool(_RIGHT_TO_LEFT.search(self.text))

    @property
    def parting_gap(self) -> float:
        """The gap, in points, from which on what follows is another cell; two spaces are written to part."""
        one_space = self.text.endswith(" ") and not self.text.endswith("  ")
        return self.size * (_STRETCHED if one_space else _WIDE)

    def goes_on(self, letter: str, left: float, y: float, look: Look, spaced: bool) -> bool:
        """Say whether a glyph that begins here belongs to this piece."""
        if unicodedata.combining(letter):
            return True
        if look != self.look or self.is_right_to_left or _RIGHT_TO_LEFT.match(letter):
            return False
        gap = self.parting_gap if self.text.endswith(" ") else (_SUPPOSED_SPACE if spaced else SPACE) * self.size
        on_line = abs(y - self.y) < _SAME_PLACE * self.size
        return on_line and self.last - _BACKWARDS * self.size < left < self.right + gap


def pieces_of(page: pdfium.FPDF_PAGE) -> list[Piece] | None:
    """Give the pieces in the direction in which most of a page's text runs, placed as if that was upright.

    None when the page cannot be read.
    """
    text = pdfium.FPDFText_LoadPage(page)
    if not text:
        return None
    try:
        found = list(_Reader(page, text).pieces())
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
    kept: list[Piece] = []
    for piece in pieces:
        near = _SAME_PLACE * piece.size
        if not any(
            other.text == piece.text and abs(other.left - piece.left) < near and abs(other.y - piece.y) < near
            for other in kept[-_REPEATS_WITHIN:]
        ):
            kept.append(piece)
    return kept


def _dots_of(page: pdfium.FPDF_PAGE) -> list[_Box]:
    """Give left, bottom, right and top of the small round or square shapes, which programs draw as bullets."""
    dots: list[_Box] = []
    edges = [ctypes.c_float() for _ in range(4)]
    for number in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        shape = pdfium.FPDFPage_GetObject(page, number)
        if pdfium.FPDFPageObj_GetType(shape) == pdfium.FPDF_PAGEOBJ_PATH:
            pdfium.FPDFPageObj_GetBounds(shape, *edges)
            left, bottom, right, top = (edge.value for edge in edges)
            if 0 < right - left < _LARGEST_DOT and abs((right - left) - (top - bottom)) < _UNEVEN * (right - left):
                dots.append((left, bottom, right, top))
    return dots if len(dots) <= _MOST_DOTS else []


def _with_bullets(pieces: list[Piece], dots: list[_Box]) -> list[Piece]:
    """Write a bullet for each dot that stands before a piece."""
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
            pieces.insert(beside[0], replace(first, text="\u2022 ", left=left, right=right, last=left))
    return pieces


class _Reader:
    """Walks over the glyphs of a page in the order of its content and joins those that stand side by side."""

    def __init__(self, page: pdfium.FPDF_PAGE, text: pdfium.FPDF_TEXTPAGE) -> None:
        self._text = text
        self._address = ctypes.cast(text, ctypes.c_void_p)
        self._crop = pdfium.FS_RECTF()
        pdfium.FPDF_GetPageBoundingBox(page, self._crop)
        self._looks: dict[int | None, Look | None] = {}
        self._box = pdfium.FS_RECTF()
        self._edges = [ctypes.c_double() for _ in range(4)]
        self._width = ctypes.c_float()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()

    def pieces(self) -> Iterator[Piece]:
        """Give the pieces that begin within what is shown of the page and do not run askew."""
        piece: Piece | None = None
        spaced = False
        for index in range(pdfium.FPDFText_CountChars(self._text)):
            letter = self._letter(index)
            if letter == " ":
                if piece:
                    piece.text += letter
            elif letter == _SUPPOSED:
                spaced = True
            elif letter and (look := self._look_of(index)):
                left, right, y = self._placed(index, letter, look)
                if piece and letter == _LAM and piece.text in _ALEFS and (left, right) == (piece.left, piece.right):
                    piece.text = letter + piece.text
                elif piece and piece.goes_on(letter, left, y, look, spaced):
                    piece.text += letter
                    piece.right = max(piece.right, right)
                    piece.last = left
                else:
                    if piece:
                        yield _whole(piece)
                    shown = self._is_shown()
                    piece = Piece(letter, index, left, right, y, look, left, spaced) if shown else None
                spaced = False
        if piece:
            yield _whole(piece)

    def _letter(self, index: int) -> str:
        """Give a character as text; "" where it shows nothing, _SUPPOSED for a space that is not written."""
        code = pdfium.FPDFText_GetUnicode(self._text, index)
        if pdfium.FPDFText_HasUnicodeMapError(self._text, index) == 1:
            return _UNKNOWN
        if code == _HYPHEN:
            return "-"
        if code in _BULLETS:
            return "\u2022"
        letter = chr(code)
        if letter.isspace():
            supposed = pdfium.FPDFText_IsGenerated(self._text, index) == 1 or not _object_of(self._address, index)
            return _SUPPOSED if supposed else " "
        return "" if letter in _NO_TEXT or letter < " " else letter

    def _look_of(self, index: int) -> Look | None:
        address = _object_of(self._address, index)
        if address not in self._looks:
            self._looks[address] = self._looked(index)
        return self._looks[address]

    def _placed(self, index: int, letter: str, look: Look) -> tuple[float, float, float]:
        """Give left, right and baseline of a glyph as if its text was upright."""
        x, y = self._x, self._y
        pdfium.FPDFText_GetCharOrigin(self._text, index, x, y)
        if not look.direction:
            box = self._box
            pdfium.FPDFText_GetLooseCharBox(self._text, index, box)
            return box.left, box.right, y.value
        # The loose box of a turned glyph has no width, and the tight one not that of a space.
        pdfium.FPDFFont_GetGlyphWidth(look.font, ord(letter), look.size, self._width)
        west, east, south, north = self._edges
        pdfium.FPDFText_GetCharBox(self._text, index, west, east, south, north)
        left, right, baseline = {
            1: (y.value, north.value, -x.value),
            2: (-x.value, -west.value, -y.value),
            3: (-y.value, -south.value, x.value),
        }[look.direction]
        return left, max(right, left + self._width.value), baseline

    def _is_shown(self) -> bool:
        """Say whether the glyph that was placed last begins within what is shown of the page."""
        crop = self._crop
        return crop.left <= self._x.value <= crop.right and crop.bottom <= self._y.value <= crop.top

    def _looked(self, index: int) -> Look | None:
        """Say how the text object of a glyph looks; None when it runs askew."""
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFText_GetMatrix(self._text, index, matrix)
        size = pdfium.FPDFText_GetFontSize(self._text, index)
        across = math.hypot(matrix.a, matrix.b) * math.copysign(1, size)
        if not across:
            return None
        turned = math.atan2(matrix.b * across, matrix.a * across) / (math.pi / 2)
        if abs(turned - round(turned)) > _ASKEW:
            return None
        name, flags = ctypes.create_string_buffer(_NAME_BYTES), ctypes.c_int()
        pdfium.FPDFText_GetFontInfo(self._text, index, name, _NAME_BYTES, flags)
        bold = bool(_BOLD.search(name.value.decode("utf-8", "replace")) or flags.value & _FORCE_BOLD)
        height = abs(size * (matrix.a * matrix.d - matrix.b * matrix.c) / across)
        font = pdfium.FPDFTextObj_GetFont(pdfium.FPDFText_GetTextObject(self._text, index))
        return Look(round(turned) % 4, height, bold, font)


def _whole(piece: Piece) -> Piece:
    """Join the halves of the characters that UTF-16 writes as two."""
    if any("\ud800" <= letter <= "\udfff" for letter in piece.text):
        piece.text = piece.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return piece
