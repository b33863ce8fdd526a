"""Draws documents without any program: as TeX does, by words set apart without spaces, and as a scan with its text."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.index.documents.formats.pdf_corpus.documents import Block, Document
from tests.index.files import pdf_of, stream

_WIDTH = 0.6  # of the size: a letter of Courier
_SIZES = {"h1": 17.0, "h2": 14.0, "h3": 12.0, "note": 8.0}
_TOP, _BOTTOM, _LEADING = 740.0, 90.0, 1.25
_SHORTEST_PART = 4
_CELLS = -1.0  # for a gap: the words are the cells of a row
_CELL_WIDTH = 70.0


@dataclass(frozen=True, slots=True)
class _Line:
    x: float
    y: float
    size: float
    bold: bool
    words: tuple[str, ...]
    gap: float  # in points, between words


def tex(document: Document, *, columns: int = 1, is_scan: bool = False) -> bytes:
    """Draw justified text with hyphens, indented paragraphs, footnotes, running heads and page numbers.

    With `is_scan`: a picture under invisible words that stand a little off their line, each shown by itself.
    """
    chance = random.Random(document.name)
    contents = []
    for number, lines in enumerate(_pages(document, columns), 1):
        edges = (
            _Line(72, 770, 8, False, ("Annals", "of", "the", "Harbour", "Office"), 4),
            _Line(300, 40, 8, False, (str(number),), 4),
        )
        shown = b"\n".join(_scanned(line, chance) if is_scan else _set(line) for line in (*edges, *lines))
        contents.append(b"q 612 0 0 792 0 0 cm /I Do Q\n" + shown if is_scan else shown)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>"
        % (b" ".join(b"%d 0 R" % (7 + 2 * number) for number in range(len(contents))), len(contents)),
        b"<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Courier-Bold/Encoding/WinAnsiEncoding>>",
        stream(b"\xee", b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"),
    ]
    for number, content in enumerate(contents):
        objects += [
            stream(content),
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R"
            b"/Resources<</Font<</F 3 0 R/B 4 0 R>>/XObject<</I 5 0 R>>>>>>" % (6 + 2 * number),
        ]
    return pdf_of(objects)


def _pages(document: Document, columns: int) -> Iterator[list[_Line]]:
    """Lay a document out: each page as its lines, column by column, footnotes at the foot of their column."""
    width = (468 - 18 * (columns - 1)) / columns
    columns_of_lines: list[list[_Line]] = [[]]
    notes: list[_Line] = []
    y = _TOP
    before = ""
    for block in document.blocks:
        lines = list(_broken(block, width, indented=block.kind == before == "p"))
        if block.kind == "note":
            notes += lines
            before = block.kind
            continue
        around = 10.0 if block.kind in _SIZES or before in _SIZES or block.kind != before else 0.0
        y -= around
        for line in lines:
            pitch = _LEADING * line.size
            if y - pitch < _BOTTOM + sum(_LEADING * note.size for note in notes):
                columns_of_lines[-1] += _at_foot(notes)
                columns_of_lines.append([])
                notes, y = [], _TOP
            y -= pitch
            columns_of_lines[-1].append(_moved(line, 0, y))
        before = block.kind
    columns_of_lines[-1] += _at_foot(notes)
    for first in range(0, len(columns_of_lines), columns):
        yield [
            _moved(line, 72 + number * (width + 18), line.y)
            for number, column in enumerate(columns_of_lines[first : first + columns])
            for line in column
        ]


def _broken(block: Block, width: float, *, indented: bool) -> Iterator[_Line]:
    """Break a block into justified lines, the last one ragged."""
    size = _SIZES.get(block.kind, 9.0)
    bold = block.kind in ("h1", "h2", "h3")
    if block.kind == "row":
        yield _Line(0, 0, 7.0, False, tuple(block.text.split("\t")), _CELLS)
        return
    hang = 14.0 if block.kind == "li" else 0.0
    words = [*(("•",) if hang else ()), *block.text.replace("“", '"').replace("”", '"').split()]
    x = 15.0 if indented else 0.0
    line: list[str] = []
    room = int((width - x) / (size * _WIDTH))
    while words:
        word = words.pop(0)
        used = sum(map(len, line)) + len(line)
        if used + len(word) <= room:
            line.append(word)
            continue
        part = room - used - 1
        if word.isalpha() and _SHORTEST_PART <= part <= len(word) - _SHORTEST_PART and not bold:
            line.append(word[:part] + "-")
            word = word[part:]
        spare = (width - x) - size * _WIDTH * sum(map(len, line))
        yield _Line(x, 0, size, bold, tuple(line), size * _WIDTH if bold else spare / max(1, len(line) - 1))
        x, line = hang, []
        room = int((width - x) / (size * _WIDTH))
        words.insert(0, word)
    yield _Line(x, 0, size, bold, tuple(line), size * _WIDTH)


def _at_foot(notes: Sequence[_Line]) -> list[_Line]:
    return [
        _moved(note, 0, _BOTTOM - 20 + _LEADING * note.size * (len(notes) - 1 - number))
        for number, note in enumerate(notes)
    ]


def _moved(line: _Line, x: float, y: float) -> _Line:
    return _Line(line.x + x, y, line.size, line.bold, line.words, line.gap)


def _set(line: _Line) -> bytes:
    font = b"B" if line.bold else b"F"
    if line.gap == _CELLS:
        cells = [(font, line.size, x, line.y, _bytes(cell)) for x, cell in _words(line)]
        return b"\n".join(b"BT /%s %g Tf %g %g Td (%s) Tj ET" % cell for cell in cells)
    words = (b" %d " % -round(1000 * line.gap / line.size)).join(b"(%s)" % _bytes(word) for word in line.words)
    return b"BT /%s %g Tf %g %g Td [%s] TJ ET" % (font, line.size, line.x, line.y, words)


def _scanned(line: _Line, chance: random.Random) -> bytes:
    shown = []
    for x, word in _words(line):
        size = line.size * chance.uniform(0.97, 1.03)
        y = line.y + chance.uniform(-0.04, 0.04) * line.size
        shown.append(b"BT 3 Tr /F %g Tf %g Tz %g %g Td (%s) Tj ET" % (size, 100 * line.size / size, x, y, _bytes(word)))
    return b"\n".join(shown)


def _words(line: _Line) -> Iterator[tuple[float, str]]:
    """Give each word of a line, or cell of a row, with the place where it begins."""
    x = line.x
    for word in line.words:
        yield x, word
        x += _CELL_WIDTH if line.gap == _CELLS else len(word) * _WIDTH * line.size + line.gap


def _bytes(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
