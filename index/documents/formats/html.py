"""Reads web pages: the main content, without navigation, forms and scripts."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from index.documents.decoding import decode, refuse_binary
from index.documents.formats.html_blocks import add_blocks, span
from index.documents.formats.reading import Composer, Reading
from index.documents.formats.text import GUESSED

# Characters. Of a shorter article the extractor often misses a part: then all visible text is taken.
_WHOLE_ARTICLE = 500
# Not all of the head: of a page without a body the parser puts its first elements there.
_UNSEEN = "//script|//style|//noscript|//template|//head/title|//nav|//footer|//aside|//form|//comment()"
_WHOLE_PAGE = 0.8  # an article that is so much of all visible text is not told from it
_RAISED = str.maketrans("0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
_SPACES = re.compile(r"[\r\n\t]+")
_YES = re.compile(r"\b(?:check|checkmark|tick|yes|ok|true)\b", re.IGNORECASE)
_NO = re.compile(r"\b(?:times|cross|xmark|no|false)\b", re.IGNORECASE)
# Of the extractor's tags, what they are called in HTML.
_NAMES = {"list": "ul", "item": "li", "row": "tr", "cell": "td", "lb": "br", "quote": "blockquote", "ref": "a"}


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
    _prepare(tree)
    page, visible = Composer(), Composer()
    _main_content(deepcopy(tree), page)
    for hidden in tree.xpath(_UNSEEN):
        if hidden.getparent() is not None:  # else a comment before the page
            hidden.drop_tree()
    add_blocks(tree, visible)
    is_short, is_all = len(page.text) < _WHOLE_ARTICLE, len(page.text) > _WHOLE_PAGE * len(visible.text)
    return (visible if is_short or is_all else page).reading(title, author=author)


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
        if isinstance(element.tag, str):
            _rename(element)
    add_blocks(body, page)


def _rename(element: Any) -> None:
    """Give an element of the extractor its name in HTML."""
    rend = str(element.get("rend", ""))
    match element.tag:
        case "head":
            element.tag = rend if re.fullmatch("h[1-6]", rend) else "h2"
        case "list" if rend == "ol":
            element.tag = "ol"
        case "item" if rend[:2] in ("dt", "dd"):
            element.tag = rend[:2]
        case "hi" if rend == "#b":
            element.tag = "b"
        case "code" if "\n" in "".join(element.itertext()):
            element.tag = "pre"
        case name:
            element.tag = _NAMES.get(name, name)


def _prepare(tree: Any) -> None:
    """Write as text what a page shows by its look: line ends are spaces, notes are raised, marks are drawn."""
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tail and element.getparent() is not None and not _is_verbatim(element.getparent()):
            element.tail = _SPACES.sub(" ", element.tail)
        if element.text and not _is_verbatim(element):
            element.text = _SPACES.sub(" ", element.text)
    for raised in tree.xpath("//sup"):
        if raised.xpath(".//a[starts-with(@href, '#')]|ancestor::a[starts-with(@href, '#')]"):
            raised.drop_tree()  # the number of a footnote
        elif raised.text and raised.text.isascii() and raised.text.isdigit():
            raised.text = raised.text.translate(_RAISED)
    for box in tree.xpath("//input[@type='checkbox']"):
        box.tail = ("\u2611 " if "checked" in box.attrib else "\u2610 ") + (box.tail or "")
    for cell in tree.xpath("//*[@colspan or @rowspan]"):
        for name in ("colspan", "rowspan"):
            cell.set(name, str(span(cell, name)))  # the extractor would make as many cells as a page says
    for cell in tree.xpath("//td[not(normalize-space())]"):
        cell.text = next(filter(None, map(_drawn, cell.iterdescendants())), "")


def _is_verbatim(element: Any) -> bool:
    return any(each.tag in ("pre", "textarea") for each in (element, *element.iterancestors()))


def _drawn(element: Any) -> str:
    """Return what a picture says, or the mark that an icon draws: "" for any other element."""
    if element.tag == "img":
        return " ".join(str(element.get("alt", "")).split())
    look = re.sub("[-_]", " ", str(element.get("class", "")) + " " + str(element.get("aria-label", "")))
    return "\u2713" if _YES.search(look) else "\u2717" if _NO.search(look) else ""


def add_piece(source: str, page: Composer) -> None:
    """Add the blocks of a piece of HTML: `<b>a</b> c<hr>d` -> "a c", "d"."""
    from lxml import etree, html

    try:
        tree = html.fragment_fromstring(source, create_parent="div")
    except (etree.LxmlError, ValueError):
        return
    for hidden in tree.xpath(".//script|.//style|.//noscript|.//template|.//comment()"):
        hidden.drop_tree()
    _prepare(tree)
    add_blocks(tree, page)
