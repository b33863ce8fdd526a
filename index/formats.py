"""Turns Markdown and HTML into the text their reader sees, and remembers where the headings are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.decoding import decode, refuse_binary, without_surrogates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as a reader sees it; title: "" when the format names none; headings: (start, end, level)."""

    title: str
    text: str
    headings: tuple[tuple[int, int, int], ...] = ()


class _Page:
    """Collects blocks of text parted by blank lines, and where the headings among them stand."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self.headings: list[tuple[int, int, int]] = []

    def add(self, block: str, *, level: int = 0, tight: bool = False) -> None:
        block = without_surrogates(block).strip("\n")
        if not block.strip():
            return
        gap = "" if not self._parts else "\n" if tight else "\n\n"
        start = self._length + len(gap)
        self._parts.append(gap + block)
        self._length = start + len(block)
        if level:
            self.headings.append((start, self._length, level))

    def reading(self, title: str) -> Reading:
        first = next((self.text[s:e] for s, e, level in self.headings if level == 1), "")
        return Reading(title or first, self.text, tuple(self.headings))

    @property
    def text(self) -> str:
        return "".join(self._parts)


_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\r?\n(.*?\r?\n)??\1[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title[ \t]*[:=][ \t]*([^\r\n]+?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)


def read_markdown(source: str) -> Reading:
    """Read Markdown as its reader sees it: no markup, no front matter, no targets of links, no images."""
    from markdown_it import MarkdownIt

    title = ""
    if front := _FRONT_MATTER.match(source):
        source = source[front.end() :]
        if named := _FRONT_TITLE.search(front.group(2) or ""):
            title = named.group(1).strip("\"' ")
    page = _Page()
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(source)
    _walk_markdown(tokens, page)
    return page.reading(title)


def _walk_markdown(tokens: Sequence[Token], page: _Page) -> None:
    counters: list[int | None] = []
    row: list[str] | None = None
    marker, first_row, first_item = "", True, True
    level = 0
    for token in tokens:
        match token.type:
            case "heading_open":
                level = int(token.tag[1])
            case "heading_close":
                level = 0
            case "bullet_list_open" | "ordered_list_open":
                first_item = not counters
                counters.append(int(token.attrs.get("start", 1)) if token.type[0] == "o" else None)
            case "bullet_list_close" | "ordered_list_close":
                counters.pop()
            case "list_item_open":
                number = counters[-1]
                marker = "  " * (len(counters) - 1) + ("- " if number is None else f"{number}. ")
                counters[-1] = None if number is None else number + 1
            case "table_open":
                first_row = True
            case "tr_open":
                row = []
            case "tr_close":
                page.add(" | ".join(row or []), tight=not first_row)
                row, first_row = None, False
            case "inline":
                text = _visible(token.children or ())
                if row is not None:
                    row.append(" ".join(text.split()))
                    continue
                page.add(marker + text, level=level, tight=bool(marker) and not first_item)
                marker, first_item = "", first_item and not marker
            case "fence" | "code_block":
                page.add(marker + token.content)
                marker = ""
            case "html_block":
                page.add(_strip_tags(token.content))
            case _:
                pass


def _visible(tokens: Sequence[Token]) -> str:
    parts = []
    for token in tokens:
        if token.type in ("text", "code_inline", "text_special"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
    return re.sub(r"(?<=\S)[ \t]{2,}", " ", "".join(parts)).strip()


def _strip_tags(source: str) -> str:
    from lxml import etree, html

    try:
        tree = html.fromstring(source)
    except (etree.LxmlError, ValueError):
        return ""
    for hidden in tree.xpath("//script|//style|//noscript|//template|//comment()"):
        hidden.drop_tree()
    return str(tree.text_content())


# What the extractor leaves of a short page is often not all of it: then all visible text is taken.
_WHOLE_ARTICLE = 500
_UNSEEN = "//script|//style|//noscript|//template|//head|//nav|//footer|//aside|//form|//comment()"
_BLOCKS_NAMES = (
    "address article aside blockquote body br dd details div dl dt figcaption figure footer form h1 "
    "h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody td th thead title "
    "tr ul"
)
_BLOCKS = frozenset(_BLOCKS_NAMES.split())


def read_html(data: bytes, name: str) -> Reading:
    """Read the main content of a web page with its headings and lists; all it shows if none stands out."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", huge_tree=False)
    try:
        source = _declared(data, name).encode("utf-8")
        tree = html.document_fromstring(source, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return Reading("", "")
    title = next((" ".join(t.split()) for t in tree.xpath("//title/text()|//h1//text()") if t.strip()), "")
    page = _Page()
    _main_content(tree, page)
    if len(page.text) < _WHOLE_ARTICLE:
        tree = html.document_fromstring(source, parser=parser)
        for hidden in tree.xpath(_UNSEEN):
            hidden.drop_tree()
        visible = _Page()
        _walk_html(tree, visible)
        page = page if len(page.text) > 0.9 * len(visible.text) else visible
    return page.reading(title)


def _declared(data: bytes, name: str) -> str:
    """Decode by the charset the page declares, unless its bytes say otherwise."""
    declared = re.search(rb"<meta[^>]{0,200}?charset=[\"']?([A-Za-z0-9_:-]{3,20})", data[:4096], re.IGNORECASE)
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            label = declared.group(1).decode("ascii").lower()
            try:
                return refuse_binary(data.decode("cp1252" if label in ("iso-8859-1", "latin1") else label), name)
            except (LookupError, UnicodeDecodeError):
                pass
    return decode(data, name)


def _main_content(tree: Any, page: _Page) -> None:
    import trafilatura  # takes about a second to import

    extracted = trafilatura.bare_extraction(
        tree,
        include_comments=False,
        include_tables=True,
        include_formatting=True,
        favor_recall=True,
        with_metadata=False,
    )
    body = getattr(extracted, "body", None)
    if body is None:
        return
    for element in body.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "head":
            rend = str(element.get("rend", "h2"))
            page.add(_flat(element), level=int(rend[1:]) if rend[1:].isdigit() else 2)
        elif element.tag == "item" and not element.xpath(".//item"):
            before = element.getprevious()
            page.add("- " + _flat(element), tight=before is not None and before.tag == "item")
        elif element.tag == "row":
            cells = [_flat(cell) for cell in element]
            before = element.getprevious()
            page.add(" | ".join(c for c in cells if c), tight=before is not None and before.tag == "row")
        elif element.tag == "code" and "\n" in "".join(element.itertext()):
            page.add("".join(element.itertext()))
        elif element.tag in ("p", "quote") and not element.xpath("ancestor::item|ancestor::row|.//p"):
            page.add(_flat(element))


def _flat(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _walk_html(tree: Any, page: _Page) -> None:
    """Add every visible block of a page; inline elements stay inside their block."""
    from lxml import etree

    parts: list[str] = []
    level, after_break = 0, False
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if element.tag in _BLOCKS:
            page.add(" ".join("".join(parts).split()), level=level, tight=after_break)
            after_break = element.tag == "br" and (after_break or bool("".join(parts).strip()))
            parts.clear()
        heading = re.fullmatch("h([1-6])", str(element.tag))
        if event == "start":
            level = int(heading.group(1)) if heading else level
            parts.append(element.text or "")
        else:
            level = 0 if heading else level
            parts.append(element.tail or "")
    page.add(" ".join("".join(parts).split()), tight=after_break)
