"""Walks through a tree of HTML and adds its blocks to a text: paragraphs, headings, lists, tables, code."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from index.documents.formats.tables import table_lines

if TYPE_CHECKING:
    from index.documents.formats.reading import Composer

_BLOCKS_NAMES = (
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 "
    "h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody td tfoot th thead title tr ul"
)
_BLOCKS = frozenset(_BLOCKS_NAMES.split())
_LONGEST_TITLE = 120  # characters
_DEEPEST = 200
_MOST_SPANNED = 50  # rows or columns
_MOST_COLUMNS = 200


def is_title(text: str) -> bool:
    """Say whether a paragraph in bold type is a heading: one short line that is a question or has no stop."""
    return "\n" not in text and 2 <= len(text) <= _LONGEST_TITLE and not text.endswith((".", "!", ":", ";", ","))


def add_blocks(tree: Any, page: Composer) -> None:
    """Add every block: `<h2>A</h2>b<div><b>c</b> d<br>e</div>` -> "A" (level 2), "b", "c d" over "e"."""
    _Walk(page).children(tree, 0)


class _Walk:
    """Collects inline text until a block begins or ends; `_marker` is that of the list item that begins."""

    def __init__(self, page: Composer) -> None:
        self._page = page
        self._parts: list[str] = []
        self._marker = ""
        self._tight = False
        self._counts: list[int | None] = []

    def children(self, element: Any, depth: int) -> None:
        """Add what an element holds."""
        self._parts.append(element.text or "")
        for child in element:
            if isinstance(child.tag, str):
                if depth < _DEEPEST:
                    self._element(child, depth + 1)
                else:
                    self._parts.append("".join(child.itertext()))
            self._parts.append(child.tail or "")
        if element.tag in _BLOCKS or depth == 0:
            self._flush()

    def _element(self, element: Any, depth: int) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._flush()
        if heading := re.fullmatch("h([1-6])", tag):
            self._whole(element, level=int(heading.group(1)))
        elif tag == "br":
            self._parts.append("\n")
        elif tag == "pre":
            self._code(element)
        elif tag == "table":
            self._table(element, depth)
        elif tag in ("ul", "ol", "menu"):
            self._list(element, depth)
        elif tag in ("dt", "summary") or (tag == "p" and _is_bold(element)):
            text = _flat(element)
            self._whole(element, level=6 if is_title(text) else 0)
        else:
            self.children(element, depth)

    def _whole(self, element: Any, level: int) -> None:
        text = _flat(element)
        self._page.add(text if level else self._marker + text, level=level, tight=self._tight and not level)
        self._marker, self._tight = "", False

    def _code(self, element: Any) -> None:
        for line_break in element.iter("br"):
            line_break.tail = "\n" + (line_break.tail or "")
        self._page.add("".join(element.itertext()).expandtabs(4).rstrip(), code=True)

    def _list(self, element: Any, depth: int) -> None:
        start = str(element.get("start", "1"))
        first = int(start) if re.fullmatch("[0-9]{1,6}", start) else 1
        self._counts.append(first if element.tag == "ol" else None)
        for child in element:
            if child.tag == "li":
                self._item(child, depth + 1)
            elif isinstance(child.tag, str):
                self._element(child, depth + 1)
        self._counts.pop()

    def _item(self, element: Any, depth: int) -> None:
        number = self._counts[-1]
        self._flush()
        self._marker = "  " * (len(self._counts) - 1) + ("- " if number is None else f"{number}. ")
        self._counts[-1] = None if number is None else number + 1
        self._tight = element.getprevious() is not None or len(self._counts) > 1
        self.children(element, depth)
        self._marker, self._tight = "", False

    def _table(self, table: Any, depth: int) -> None:
        """Add the rows; a table of one column, a mere frame, is added as what it holds."""
        rows = [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]
        cells = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
        if all(len(row) <= 1 for row in cells) or next(table.iterdescendants("table"), None) is not None:
            for row in cells:
                for cell in row:
                    self.children(cell, depth)
            return
        headed = bool(cells[0]) and all(cell.tag == "th" or cell.get("role") == "head" for cell in cells[0])
        for caption in table.iter("caption"):
            self._whole(caption, 0)
        written = table_lines(_grid(cells), headed=headed or None)
        for number, line in enumerate(written):
            self._page.add(line, tight=number > 0)

    def _flush(self) -> None:
        text = _folded("".join(self._parts))
        self._parts.clear()
        if text:
            self._page.add(self._marker + text, tight=self._tight)
            self._marker, self._tight = "", False


def _grid(cells: list[list[Any]]) -> list[list[str]]:
    """Return the texts of the cells, those that span rows or columns in each of them."""
    waiting: dict[int, tuple[int, str]] = {}  # column -> rows that its cell still spans, text
    rows: list[list[str]] = []
    for row in cells:
        texts: list[str] = []
        for cell in row:
            _fill(texts, waiting)
            text = _flat(cell)
            across, down = span(cell, "colspan"), span(cell, "rowspan")
            for _ in range(min(across, _MOST_COLUMNS - len(texts))):
                if down > 1:
                    waiting[len(texts)] = (down - 1, text)
                texts.append(text)
        _fill(texts, waiting)
        rows.append(texts)
    return rows


def _fill(texts: list[str], waiting: dict[int, tuple[int, str]]) -> None:
    while len(texts) < _MOST_COLUMNS and (spanned := waiting.pop(len(texts), None)):
        left, text = spanned
        if left > 1:
            waiting[len(texts)] = (left - 1, text)
        texts.append(text)


def span(cell: Any, name: str) -> int:
    """Return how many columns ("colspan") or rows ("rowspan") a cell spans, at most _MOST_SPANNED."""
    said = str(cell.get(name, "1"))
    return min(max(int(said), 1), _MOST_SPANNED) if re.fullmatch("[0-9]{1,4}", said) else 1


def _is_bold(element: Any) -> bool:
    """Whether all that a paragraph says is in one bold element."""
    inner = [child for child in islice(element, 2) if isinstance(child.tag, str)]
    return (
        len(inner) == len(element) == 1
        and inner[0].tag in ("b", "strong")
        and not (element.text or "").strip()
        and not (inner[0].tail or "").strip()
    )


def _flat(element: Any) -> str:
    """Return the text of an element in one line, with a space where a block or a line ends."""
    return " ".join(_joined(element).split())


def _joined(element: Any) -> str:
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            space = " " if child.tag in _BLOCKS or child.tag == "br" else ""
            parts += [space, _joined(child), space]
        parts.append(child.tail or "")
    return "".join(parts)


def _folded(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
