"""Reads Word files (.docx): paragraphs, headings, lists and tables."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from docx.oxml.ns import qn
from lxml import etree

from index.documents.formats.docx_styles import Styles
from index.documents.formats.reading import Composer, Reading
from index.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT, _TAB, _BREAK, _RETURN, _HYPHEN = (qn(f"w:{tag}") for tag in ("t", "tab", "br", "cr", "noBreakHyphen"))
_PARAGRAPH, _TABLE, _ROW, _CELL = (qn(f"w:{tag}") for tag in ("p", "tbl", "tr", "tc"))
_STRUCTURED, _CONTENT, _BOX = (qn(f"w:{tag}") for tag in ("sdt", "sdtContent", "txbxContent"))
# Tracked deletions, fallbacks for old programs, and formatting.
_UNSEEN = {qn(f"w:{tag}") for tag in ("del", "moveFrom", "pPr", "rPr", "sdtPr", "rt")} | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
}
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
    walk = _Walk(styles)
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

    def __init__(self, styles: Styles) -> None:
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
            self.composer.add(marker + text, level=look.level, tight=bool(marker) and self._after_item)
            self._after_item = bool(marker)
        for box in _boxes(element):
            self.blocks(box)
            self._after_item = False

    def _table(self, table: Any) -> None:
        """Add one line a row, "Rhine | 1230"; the content of a table of one column, a mere frame, is added as text."""
        rows = [list(_below(row, _CELL)) for row in _below(table, _ROW)]
        self._after_item = False
        if all(len(cells) <= 1 for cells in rows):
            for cells in rows:
                for cell in cells:
                    self.blocks(cell)
            return
        first = True
        for cells in rows:
            said = [" ".join(" ".join(map(_text, cell.iter(_PARAGRAPH))).split()) for cell in cells]
            row = " | ".join(words for words in said if words)
            if row:
                self.composer.add(row, tight=not first)
                first = False
        self._after_item = False


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


def _text(paragraph: Any) -> str:
    """Return the visible text of a paragraph: no deletions, hidden text or text boxes."""
    parts: list[str] = []
    pending = [paragraph]
    while pending:
        element = pending.pop()
        if element.tag == _TEXT:
            parts.append(element.text or "")
        elif element.tag == _TAB:
            parts.append(" ")
        elif element.tag == _HYPHEN:
            parts.append("\u2011")
        elif element.tag in (_BREAK, _RETURN):
            parts.append("\n")
        elif element.tag in _UNSEEN or element.tag == _BOX or _hidden(element):
            continue
        else:
            pending.extend(reversed(element))
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _hidden(run: Any) -> bool:
    """Say whether a run is formatted as hidden text."""
    vanish = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}") if run.tag == qn("w:r") else None
    return vanish is not None and vanish.get(qn("w:val")) not in ("0", "false", "off")
