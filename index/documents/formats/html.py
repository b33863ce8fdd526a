"""Reads web pages: the main content, without navigation, forms and scripts."""

from __future__ import annotations

import re
from typing import Any

from index.documents.decoding import decode, refuse_binary
from index.documents.formats.reading import Composer, Reading
from index.documents.formats.text import GUESSED

# Characters. Of a shorter article the extractor often misses a part: then all visible text is taken.
_WHOLE_ARTICLE = 500
_UNSEEN = "//script|//style|//noscript|//template|//head|//nav|//footer|//aside|//form|//comment()"
_BLOCKS_NAMES = (
    "address article aside blockquote body br dd details div dl dt figcaption figure footer form h1 "
    "h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody td th thead title "
    "tr ul"
)
_BLOCKS = frozenset(_BLOCKS_NAMES.split())


def read(data: bytes, name: str) -> Reading:
    """Read the main content of a web page with headings and lists; all visible text if no main content is found."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", huge_tree=False)
    try:
        source = _declared(data, name).encode("utf-8")
        tree = html.document_fromstring(source, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return Reading("", "")
    title = next((" ".join(t.split()) for t in tree.xpath("//title/text()|//h1//text()") if t.strip()), "")
    author = next((" ".join(each.split()) for each in tree.xpath("//meta[@name='author']/@content")), "")
    page = Composer()
    _main_content(tree, page)
    if len(page.text) < _WHOLE_ARTICLE:
        tree = html.document_fromstring(source, parser=parser)
        for hidden in tree.xpath(_UNSEEN):
            hidden.drop_tree()
        visible = Composer()
        _walk_html(tree, visible)
        page = page if len(page.text) > 0.9 * len(visible.text) else visible
    return page.reading(title, author=author)


def samples() -> list[bytes]:
    """Return a page in encodings that it does not declare."""
    page = "<html><title>Образец</title><h1>Образец</h1><p>Это <b>образец</b> текста.<ul><li>Один</ul>"
    return [page.encode(encoding) for encoding in GUESSED]


def _declared(data: bytes, name: str) -> str:
    """Decode by the charset that the page declares, unless it has a byte order mark or is UTF-8."""
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


def _main_content(tree: Any, page: Composer) -> None:
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


def _walk_html(tree: Any, page: Composer) -> None:
    """Add every visible block: `<h2>A</h2>b<div><b>c</b> d</div>` -> "A" (level 2), "b", "c d"."""
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


def without_tags(source: str) -> str:
    """Return the text of a piece of HTML without its tags: `<b>a</b> c` -> `a c`."""
    from lxml import etree, html

    try:
        tree = html.fromstring(source)
    except (etree.LxmlError, ValueError):
        return ""
    for hidden in tree.xpath("//script|//style|//noscript|//template|//comment()"):
        hidden.drop_tree()
    return str(tree.text_content())
