"""Reads Word files (.docx): paragraphs, headings, lists and tables."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from docx.oxml.ns import qn
from lxml import etree

from index.documents.formats.docx_styles import Look, Styles, is_mono, is_on
from index.documents.formats.html_blocks import is_title
from index.documents.formats.reading import Composer, Reading
from index.documents.formats.tables import table_lines
from index.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_VAL = qn("w:val")
_TEXT, _TAB, _BREAK, _RETURN, _HYPHEN = (qn(f"w:{tag}") for tag in ("t", "tab", "br", "cr", "noBreakHyphen"))
_PARAGRAPH, _TABLE, _ROW, _CELL = (qn(f"w:{tag}") for tag in ("p", "tbl", "tr", "tc"))
_STRUCTURED, _CONTENT, _BOX = (qn(f"w:{tag}") for tag in ("sdt", "sdtContent", "txbxContent"))
# Tracked deletions, fallbacks for old programs, and formatting.
_UNSEEN = {qn(f"w:{tag}") for tag in ("del", "moveFrom", "pPr", "rPr", "sdtPr", "rt")} | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
}
_RUN, _BOLD, _SYMBOL = (qn(f"w:{tag}") for tag in ("r", "b", "sym"))
# What the fonts Wingdings and Wingdings 2 draw for their characters.
_DRAWN = {
    "F0FC": "\u2713", "F0FB": "\u2717", "F0FE": "\u2611", "F0FD": "\u2612", "F0A8": "\u2610", "F06F": "\u2610",
    "F050": "\u2713", "F04F": "\u2717", "F052": "\u2611", "F0A3": "\u2610",
}  # fmt: skip
_LOUD_AT_MOST = 0.3  # of all letters; with more, bold type and capitals say nothing
_MOST_SPANNED = 50
# Groups of paragraphs.
_HOLDERS = {qn(f"w:{tag}") for tag in ("ins", "moveTo", "customXml", "smartTag")} | {_STRUCTURED, _CONTENT}


def read(data: bytes, name: str) -> Reading:
    """Read the body of a Word file, without headers, footers, notes and comments."""
    from docx import Document

    try:
        document = Document(io.BytesIO(data))
        body, styles = document.element.body, Styles.of(document)
    except (MemoryError, SourceError):
        raise
    except Exception as error:  # on hostile bytes python-docx raises whatever its parts raise
        if isinstance(error, etree.XMLSyntaxError) and error.code == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise SourceError(f"{name} is a damaged Word file; open it in Word, save it again and add that.") from error
    walk = _Walk(styles, loud_are_headings=_loud_share(body, styles) <= _LOUD_AT_MOST)
    walk.blocks(body)
    reading = walk.composer.reading(walk.title, author=_author(document))
    if not re.search(r"\w", reading.text):
        raise SourceError(f"{name} holds no text, perhaps only pictures; add its words as a document.")
    return reading


def _author(document: Any) -> str:
    """Return the author in the properties of the file; "" for none, or when a damaged part hides them."""
    try:
        author = str(document.core_properties.author or "")
    except MemoryError:
        raise
    except Exception:  # on hostile bytes python-docx raises whatever its parts raise
        return ""
    return "" if author == "python-docx" else author  # its own template names the library


def samples() -> list[bytes]:
    """Return a document with one item of a list."""
    from docx import Document

    document, file = Document(), io.BytesIO()
    document.add_paragraph("A sample", style="List Bullet")
    document.save(file)
    return [file.getvalue()]


class _Walk:
    """Walks through the body once; `title` is the first paragraph in the style Title."""

    def __init__(self, styles: Styles, *, loud_are_headings: bool) -> None:
        self._loud_are_headings = loud_are_headings
        self.composer = Composer()
        self.title = ""
        self._styles = styles
        self._after_item = False

    def blocks(self, parent: Any) -> None:
        """Add every paragraph and table of an element, in order."""
        for element in parent:
            if element.tag == _PARAGRAPH:
                self._paragraph(element)
            elif element.tag == _TABLE:
                self._table(element)
            elif element.tag in _HOLDERS:
                self.blocks(element)

    def _paragraph(self, element: Any) -> None:
        look = self._styles.look(element)
        text = _text(element)
        if text and not look.contents:
            if look.title and not self.title:
                self.title = " ".join(text.split())
            marker = self._styles.marker(look) if not look.level else ""
            level = look.level
            if not level and self._loud_are_headings and is_title(text) and _is_loud(element, look, text):
                level = 2 if self.composer.text else 1
            is_code = not level and not marker and _is_code(element, look)
            shown = _text(element, verbatim=True) if is_code else marker + text
            self.composer.add(shown, level=level, tight=bool(marker) and self._after_item and not level, code=is_code)
            self._after_item = bool(marker) and not level
        for box in _boxes(element):
            self.blocks(box)
            self._after_item = False

    def _table(self, table: Any) -> None:
        """Add one line a row; the content of a table of one column, a mere frame, is added as text."""
        rows = list(_below(table, _ROW))
        cells = [list(_below(row, _CELL)) for row in rows]
        self._after_item = False
        if all(len(row) <= 1 for row in cells):
            for row in cells:
                for cell in row:
                    self.blocks(cell)
            return
        named = next(rows[0].iter(qn("w:tblHeader")), None) is not None
        headed = named or all(self._is_bold(cell) for cell in cells[0])
        for number, line in enumerate(table_lines(_grid(cells), headed=headed or None)):
            self.composer.add(line, tight=number > 0)

    def _is_bold(self, cell: Any) -> bool:
        """Whether a cell has text and all of it is bold."""
        said = [paragraph for paragraph in cell.iter(_PARAGRAPH) if _text(paragraph)]
        return bool(said) and all(_bold(paragraph, self._styles.look(paragraph)) for paragraph in said)


def _grid(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    """Return the texts of the cells, those that span rows or columns in each of them."""
    grid: list[list[str]] = []
    for cells in rows:
        texts: list[str] = []
        for cell in cells:
            properties = cell.find(qn("w:tcPr"))
            merged = None if properties is None else properties.find(qn("w:vMerge"))
            across = None if properties is None else properties.find(qn("w:gridSpan"))
            text = " ".join(" ".join(map(_text, cell.iter(_PARAGRAPH))).split())
            if merged is not None and merged.get(_VAL) != "restart" and grid and len(texts) < len(grid[-1]):
                text = grid[-1][len(texts)]
            said = "1" if across is None else str(across.get(_VAL))
            texts += [text] * (min(int(said), _MOST_SPANNED) if re.fullmatch("[1-9][0-9]{0,3}", said) else 1)
        grid.append(texts)
    return grid


def _loud_share(body: Any, styles: Styles) -> float:
    """Return the share of letters, 0 to 1, that stand in paragraphs that are loud as a whole."""
    loud = total = 0
    for paragraph in body.iter(_PARAGRAPH):
        text = _text(paragraph)
        total += len(text)
        loud += len(text) if _is_loud(paragraph, styles.look(paragraph), text) else 0
    return loud / total if total else 0.0


def _is_loud(paragraph: Any, look: Look, text: str) -> bool:
    """Whether a paragraph is in bold type or in capitals throughout."""
    return (text.isupper() and sum(map(str.isalpha, text)) >= 4) or _bold(paragraph, look)


def _runs(paragraph: Any) -> list[Any]:
    return [run for run in paragraph.iter(_RUN) if any((text.text or "").strip() for text in run.iter(_TEXT))]


def _bold(paragraph: Any, look: Look) -> bool:
    runs = _runs(paragraph)
    return bool(runs) and all(is_on(run.find(f"{qn('w:rPr')}/{_BOLD}"), look.bold) for run in runs)


def _is_code(paragraph: Any, look: Look) -> bool:
    runs = _runs(paragraph)
    return look.code or (bool(runs) and all(map(is_mono, runs)))


def _below(parent: Any, tag: str) -> Iterator[Any]:
    """Yield the children of a tag, including those inside of invisible groups."""
    for element in parent:
        if element.tag == tag:
            yield element
        elif element.tag in _HOLDERS:
            yield from _below(element, tag)


def _boxes(paragraph: Any) -> Iterator[Any]:
    """Yield the text boxes anchored in a paragraph, without the boxes inside of them."""
    for box in paragraph.iter(_BOX):
        above = [element.tag for element in box.iterancestors()]
        own = above[: above.index(_PARAGRAPH)]
        if not _UNSEEN.intersection(own):
            yield box


def _text(paragraph: Any, *, verbatim: bool = False) -> str:
    """Return the visible text of a paragraph, without deletions, hidden text and text boxes; `verbatim`: all spaces."""
    parts: list[str] = []
    pending = [paragraph]
    while pending:
        element = pending.pop()
        if element.tag == _TEXT:
            parts.append(element.text or "")
        elif element.tag == _TAB:
            parts.append(" ")
        elif element.tag == _SYMBOL:
            parts.append(_DRAWN.get(str(element.get(qn("w:char"))).upper(), ""))
        elif element.tag == _HYPHEN:
            parts.append("\u2011")
        elif element.tag in (_BREAK, _RETURN):
            parts.append("\n")
        elif element.tag in _UNSEEN or element.tag == _BOX or _hidden(element):
            continue
        else:
            pending.extend(reversed(element))
    if verbatim:
        return "".join(parts).rstrip()
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _hidden(run: Any) -> bool:
    """Say whether a run is formatted as hidden text."""
    vanish = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}") if run.tag == qn("w:r") else None
    return vanish is not None and vanish.get(qn("w:val")) not in ("0", "false", "off")
