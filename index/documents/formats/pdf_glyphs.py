"""Joins the glyphs of a PDF page to pieces of text with their positions, by pypdfium2."""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pypdfium2.raw as pdfium

if TYPE_CHECKING:
    from collections.abc import Iterator

# In sizes of the type.
SPACE = 0.2  # a gap that parts words where no space is written
_SUPPOSED_SPACE = 0.1  # one that does so where pdfium, which knows how wide the font's space is, supposes one
_WIDE = 0.8  # one that may part columns or the cells of a table
_STRETCHED = 3.0  # one that does so even where a space is written, which justified text may stretch
_WORD = 4  # letters
SAME_PLACE = 0.15  # two pieces this near are one, drawn twice as a shadow or to look bold
_HALF = re.compile("[\ud800-\udfff]")
_BACKWARDS, _ASKEW = 0.3, 0.1  # sizes of the type; quarter turns
_BOLD = re.compile(r"bold|black|heavy|semib|demi|cmbx|sfbx", re.IGNORECASE)
_MONO = re.compile(
    r"courier|mono|consol|menlo|typewriter|(?:\+|\A)(?:cm|sf|ec|lm)(?:sl)?tt|inconsolata|source ?code", re.IGNORECASE
)
_FIXED_PITCH, _FORCE_BOLD = 1, 1 << 18  # ISO 32000-1, table 123
_NAME_BYTES = 256
_NO_TEXT = frozenset("\u200b\u2060\ufeff\ufffe\uffff\x7f")
_HYPHEN = 2  # what pdfium makes of a hyphen at the end of a line
_NOTHING = "\0"
_FIRST_COMBINING, _FIRST_BACKWARDS = "\u0300", "\u0590"
_UNKNOWN = "\ufffd"
# Bullets of the fonts Symbol and Wingdings, which Word writes in the private use area.
_BULLETS = frozenset((0xF0B7, 0xF0A7, 0xF0A8, 0xF076, 0xF0D8, 0xF0FC))
# All but the digits of these scripts, which run from left to right.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u065f\u066a-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# The letters of the one ligature that Arabic must have, which pdfium may give in the wrong order.
_LAM, _ALEFS = "\u0644", "\u0622\u0623\u0625\u0627"


def quick(function: Any, result: Any, *arguments: Any) -> Any:
    """Declare a pdfium function with plain addresses and no release of the interpreter lock: half the time a call."""
    return ctypes.PYFUNCTYPE(result, *arguments)(ctypes.cast(function, ctypes.c_void_p).value or 0)


ADDRESS, _INT = ctypes.c_void_p, ctypes.c_int
_code = quick(pdfium.FPDFText_GetUnicode, ctypes.c_uint, ADDRESS, _INT)
_loose_box = quick(pdfium.FPDFText_GetLooseCharBox, _INT, ADDRESS, _INT, ADDRESS)
_is_supposed = quick(pdfium.FPDFText_IsGenerated, _INT, ADDRESS, _INT)
_origin = quick(pdfium.FPDFText_GetCharOrigin, _INT, ADDRESS, _INT, ADDRESS, ADDRESS)
_size = quick(pdfium.FPDFText_GetFontSize, ctypes.c_double, ADDRESS, _INT)
_matrix = quick(pdfium.FPDFText_GetMatrix, _INT, ADDRESS, _INT, ADDRESS)
_text_object = quick(pdfium.FPDFText_GetTextObject, ADDRESS, ADDRESS, _INT)
_font = quick(pdfium.FPDFTextObj_GetFont, ADDRESS, ADDRESS)


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks: direction in quarter turns, size of its type in points, weight, letters of one width or not."""

    direction: int
    size: float
    bold: bool
    mono: bool = False


@dataclass(slots=True)
class Piece:
    """Text without a wide gap: left, right and baseline in points, y growing upwards.

    `order` is its index in the content of the page; `spaced` if pdfium supposes a space before it. Each letter of a
    right-to-left script is a piece.
    """

    text: str
    order: int
    left: float
    right: float
    y: float
    look: Look
    spaced: bool
    is_right_to_left: bool

    @property
    def size(self) -> float:
        """The size of the type, in points."""
        return self.look.size

    @property
    def parting_gap(self) -> float:
        """The smallest gap, in points, after which another cell begins; two written spaces part cells too."""
        one_space = self.text.endswith(" ") and not self.text.endswith("  ")
        return self.look.size * (_STRETCHED if one_space else _WIDE)


class GlyphReader:
    """Joins the glyphs of one page, in the order of its content, where they stand side by side."""

    def __init__(self, page: pdfium.FPDF_PAGE, text: pdfium.FPDF_TEXTPAGE) -> None:
        self._text, self._address = text, ctypes.cast(text, ADDRESS).value
        crop = pdfium.FS_RECTF()
        pdfium.FPDF_GetPageBoundingBox(page, crop)
        self._crop = (crop.left, crop.right, crop.bottom, crop.top)
        self._weights: dict[int, tuple[bool, bool]] = {}  # whether a font is bold, and whether of one width
        self._letters: dict[int, dict[int, str]] = defaultdict(dict)  # of each font, by their code points
        self._looks: dict[tuple[float, ...], Look | None] = {}
        self._same: dict[Look, Look] = {}
        self._matrix, self._box = pdfium.FS_MATRIX(), pdfium.FS_RECTF()
        self._matrix_address = ctypes.addressof(self._matrix)
        self._edges = [ctypes.c_double() for _ in range(4)]
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._place = (ctypes.addressof(self._x), ctypes.addressof(self._y))

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces that are not askew: glyphs "T" "o" " " "b" "e" in a row -> "To be". One loop, for speed."""
        address, box = self._address, self._box
        its_box = ctypes.addressof(box)
        piece: Piece | None = None
        parts: list[str] = []  # of the piece
        letters: dict[int, str] = {}
        look, before, spaced = None, None, False
        y = last = gap = size = 0.0
        for index in range(pdfium.FPDFText_CountChars(self._text)):
            shown_by = _text_object(address, index)
            if shown_by is None:  # pdfium supposes a space
                spaced = True
                continue
            if shown_by != before:
                before = shown_by
                font = _font(shown_by) or 0
                look, letters = self._look_of(index, font), self._letters[font]
                y, size = (self._baseline(index, look), look.size) if look else (0.0, 0.0)
            code = _code(address, index)
            letter = letters.get(code) or letters.setdefault(code, self._letter(code, index))
            if letter == " ":
                if _is_supposed(address, index) == 1:
                    spaced = True
                elif piece:
                    gap = piece.size * (_WIDE if parts[-1] == " " else _STRETCHED)
                    parts.append(" ")
                continue
            if letter == _NOTHING or not look:
                continue
            if look.direction:
                left, right = self._turned(index, letter, look, shown_by)
            else:
                _loose_box(address, index, its_box)
                left, right = box.left, box.right
            backwards = letter >= _FIRST_BACKWARDS and _RIGHT_TO_LEFT.match(letter) is not None
            goes_on = (
                piece is not None
                and piece.look is look
                and last - _BACKWARDS * size < left
                and abs(y - piece.y) < SAME_PLACE * size
                and not backwards
                and not piece.is_right_to_left
            )
            parted = _SUPPOSED_SPACE * size if spaced and parts and parts[-1] != " " else gap
            if piece and goes_on and left - piece.right >= parted:
                # Letters that are spaced out do not stand in words that could be parted.
                goes_on = left - piece.right < _WIDE * size and len(parts) >= _WORD and " " not in parts[-_WORD:]
                if goes_on:
                    parts.append(" ")
            if piece and (goes_on or (letter >= _FIRST_COMBINING and unicodedata.combining(letter))):
                parts.append(letter)
                if right > piece.right:
                    piece.right = right
            elif piece and letter == _LAM and parts[0] in _ALEFS and piece.left == left:
                parts.insert(0, letter)
            else:
                if piece:
                    yield _whole(piece, parts)
                piece, parts = Piece(letter, index, left, right, y, look, spaced, backwards), [letter]
            gap, last, spaced = SPACE * size, left, False
        if piece:
            yield _whole(piece, parts)

    def is_shown(self, piece: Piece) -> bool:
        """Say whether a piece begins inside of the visible part of the page."""
        left, y = piece.left, piece.y
        x, y = ((left, y), (-y, left), (-left, -y), (y, -left))[piece.look.direction]
        west, east, south, north = self._crop
        return bool(west <= x <= east and south <= y <= north)

    def _letter(self, code: int, index: int) -> str:
        """Return the text of a character, _NOTHING for an invisible one."""
        if pdfium.FPDFText_HasUnicodeMapError(self._text, index) == 1:
            return _UNKNOWN
        if code == _HYPHEN:
            return "-"
        if code in _BULLETS:
            return "\u2022"
        letter = chr(code)
        if letter.isspace():
            return " "
        return _NOTHING if letter in _NO_TEXT or letter < " " else letter

    def _baseline(self, index: int, look: Look) -> float:
        _origin(self._address, index, *self._place)
        return (self._y.value, -self._x.value, -self._y.value, self._x.value)[look.direction]

    def _turned(self, index: int, letter: str, look: Look, shown_by: int) -> tuple[float, float]:
        """Return left and right of a turned glyph as if it were upright; its loose box has no width."""
        self._baseline(index, look)
        west, east, south, north = self._edges
        pdfium.FPDFText_GetCharBox(self._text, index, west, east, south, north)
        left, right = (
            (self._y.value, north.value),
            (-self._x.value, -west.value),
            (-self._y.value, -south.value),
        )[look.direction - 1]
        width = ctypes.c_float()
        pdfium.FPDFFont_GetGlyphWidth(
            ctypes.cast(_font(shown_by), pdfium.FPDF_FONT), ord(letter[0]), look.size, ctypes.byref(width)
        )
        return left, max(right, left + width.value)

    def _look_of(self, index: int, font: int) -> Look | None:
        matrix, size = self._matrix, _size(self._address, index)
        _matrix(self._address, index, self._matrix_address)
        key = (matrix.a, matrix.b, matrix.c, matrix.d, size, font)
        if key not in self._looks:
            look = self._looked(index, font, size)
            self._looks[key] = self._same.setdefault(look, look) if look else None
        return self._looks[key]

    def _looked(self, index: int, font: int, size: float) -> Look | None:
        """Return the look of the text object of a glyph; None when it is askew."""
        matrix = self._matrix
        across = math.hypot(matrix.a, matrix.b) * math.copysign(1, size)
        if not across:
            return None
        turned = math.atan2(matrix.b * across, matrix.a * across) / (math.pi / 2)
        if abs(turned - round(turned)) > _ASKEW:
            return None
        if font not in self._weights:
            name, flags = ctypes.create_string_buffer(_NAME_BYTES), ctypes.c_int()
            pdfium.FPDFText_GetFontInfo(self._text, index, name, _NAME_BYTES, flags)
            said = name.value.decode("utf-8", "replace")
            bold = bool(_BOLD.search(said) or flags.value & _FORCE_BOLD)
            self._weights[font] = bold, bool(_MONO.search(said) or flags.value & _FIXED_PITCH)
        height = abs(size * (matrix.a * matrix.d - matrix.b * matrix.c) / across)
        return Look(round(turned) % 4, height, *self._weights[font])


def _whole(piece: Piece, parts: list[str]) -> Piece:
    """Set the text of a piece; surrogate pairs become one character."""
    piece.text = "".join(parts)
    if _HALF.search(piece.text):
        piece.text = piece.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return piece
