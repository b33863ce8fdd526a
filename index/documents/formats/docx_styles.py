"""Resolves the styles of a Word file: which paragraph is a heading, an item of a list, a line of the contents."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

if TYPE_CHECKING:
    from docx.document import Document

_VAL, _PROPERTIES = qn("w:val"), qn("w:pPr")
_DEEPEST_STYLE = 20
_DEEPEST_LIST = 8
# Styles of publishers and companies: HeadA, Chapter Title, Section Heading 2; Code, Listing, HTML Preformatted.
_HEAD_NAME = re.compile(
    r"(?:(?:chapter|appendix|book|doc(?:ument)?|section|box|part|article)[ _-]?)*(?:head(?:ing|line|er)?|title)"
    r"[ _-]?(?P<depth>[a-d1-6]?)"
)
_CODE_NAME = re.compile(r"\bcode|code\b|listing|preformatted|verbatim|console|terminal|\bplain text")
_NO_CODE_NAME = re.compile("caption|label|title|list(?!ing)|zip|postal")
_MONO = re.compile(r"courier|consolas|mono|menlo|monaco|lucida console|source code|fixed", re.IGNORECASE)
_NOT_NUMBERED = frozenset({"bullet", "none"})


@dataclass(frozen=True, slots=True)
class Look:
    """What a paragraph is: level of a heading, 0 for other text; id of its list and depth in it, from 0, or None.

    `bold` and `code` are what its style says of all its text.
    """

    level: int = 0
    title: bool = False
    contents: bool = False
    list: tuple[str, int] | None = None
    bold: bool = False
    code: bool = False


class Styles:
    """The styles and lists of one document. It counts the items of lists: call `marker` once for each, in order."""

    def __init__(self, styles: dict[str, Look], formats: dict[tuple[str, int], tuple[str, int]], default: Look) -> None:
        self._styles = styles
        self._formats = formats
        self._default = default
        self._counts: dict[tuple[str, int], int] = {}

    @classmethod
    def of(cls, document: Document) -> Styles:
        """Read the styles of a document and the formats of its lists."""
        root: Any = document.styles.element
        elements = {str(style.get(qn("w:styleId"))): style for style in root.iter(qn("w:style"))}
        looks = {id: _inherited(id, elements) for id in elements}
        defaults = (id for id, style in elements.items() if style.get(qn("w:default")) == "1" and _is_paragraph(style))
        return cls(looks, _list_formats(document), looks.get(next(defaults, ""), Look()))

    def look(self, paragraph: Any) -> Look:
        """Return what a paragraph is; its own properties take precedence over those of its style."""
        properties = paragraph.find(_PROPERTIES)
        if properties is None:
            return self._default
        style = properties.find(qn("w:pStyle"))
        base = self._default if style is None else self._styles.get(str(style.get(_VAL)), self._default)
        return _refined(base, properties)

    def marker(self, look: Look) -> str:
        """Return the marker of the next item of a list: "- ", "2. " or, one level deeper, "  1. "; "" for no list."""
        if look.list is None:
            return ""
        number, depth = look.list
        format, first = self._formats.get((number, depth)) or self._formats.get((number, 0), ("bullet", 1))
        for other in [place for place in self._counts if place[0] == number and place[1] > depth]:
            del self._counts[other]
        count = self._counts[number, depth] = self._counts.get((number, depth), first - 1) + 1
        return "  " * depth + ("- " if format in _NOT_NUMBERED else f"{count}. ")


def _is_paragraph(style: Any) -> bool:
    return bool(style.get(qn("w:type")) == "paragraph")


def _inherited(id: str, elements: dict[str, Any]) -> Look:
    """Return the look of a style, inherited from the styles that it is based on."""
    chain: list[Any] = []
    while id in elements and elements[id] not in chain and len(chain) < _DEEPEST_STYLE:
        chain.append(elements[id])
        based = chain[-1].find(qn("w:basedOn"))
        id = "" if based is None else str(based.get(_VAL))
    look = Look()
    for style in reversed(chain):
        named = style.find(qn("w:name"))
        name = "" if named is None else str(named.get(_VAL)).lower()
        look = _named(name, look)
        properties = style.find(_PROPERTIES)
        look = look if properties is None else _refined(look, properties)
        look = replace(
            look, bold=is_on(style.find(f"{qn('w:rPr')}/{qn('w:b')}"), look.bold), code=look.code or is_mono(style)
        )
        deeper = re.fullmatch("list (?:bullet|number) ([2-5])", name)
        if look.list and deeper:
            look = replace(look, list=(look.list[0], int(deeper.group(1)) - 1))
    return look


def _named(name: str, base: Look) -> Look:
    """Apply the name of a style, in lower case; the names of Word's own styles are English in every language."""
    if found := re.fullmatch("heading ([1-9])", name):
        return Look(level=int(found.group(1)))
    if name == "title":
        return Look(level=1, title=True)
    if found := _HEAD_NAME.fullmatch(name):
        depth = found["depth"] or ("b" if re.match("section|box|part|head", name) else "a")
        return Look(level=int(depth) if depth.isdecimal() else ord(depth) - ord("a") + 1)
    code = base.code or bool(_CODE_NAME.search(name) and not _NO_CODE_NAME.search(name))
    if "bullet" in name and base.list is None:
        base = replace(base, list=("", 0))
    return replace(base, code=code, contents=base.contents or bool(re.fullmatch("toc [1-9]", name)))


def is_on(flag: Any, default: bool) -> bool:
    """Say whether a property that may be on or off is on; `default` without it."""
    return default if flag is None else flag.get(_VAL) not in ("0", "false", "off")


def is_mono(element: Any) -> bool:
    """Say whether the properties of a run or style name a font whose letters have one width."""
    fonts = element.find(f"{qn('w:rPr')}/{qn('w:rFonts')}")
    return fonts is not None and bool(_MONO.search(str(fonts.get(qn("w:ascii")))))


def _refined(base: Look, properties: Any) -> Look:
    level, place = base.level, base.list
    outline = _number(properties.find(qn("w:outlineLvl")), -1)
    if outline >= 0:
        level = outline + 1 if outline < 9 else 0
    numbering = properties.find(qn("w:numPr"))
    if numbering is not None:
        list_id = numbering.find(qn("w:numId"))
        number = place[0] if place and list_id is None else "" if list_id is None else str(list_id.get(_VAL))
        depth = _number(numbering.find(qn("w:ilvl")), place[1] if place else 0)
        place = (number, min(max(depth, 0), _DEEPEST_LIST)) if number not in ("", "0") else None
    return replace(base, level=level, list=place)


def _number(element: Any, default: int) -> int:
    said = "" if element is None else str(element.get(_VAL))
    return int(said) if re.fullmatch("[0-9]{1,6}", said) else default


def _list_formats(document: Document) -> dict[tuple[str, int], tuple[str, int]]:
    """Map (list id, depth) to (format of its numbers, first number)."""
    try:
        part = document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING)
    except KeyError:
        return {}
    root: Any = getattr(part, "element", ())
    abstract: dict[str, dict[int, tuple[str, int]]] = {}
    formats: dict[tuple[str, int], tuple[str, int]] = {}
    for element in root:
        if element.tag == qn("w:abstractNum"):
            abstract[str(element.get(qn("w:abstractNumId")))] = dict(_levels(element))
        elif element.tag == qn("w:num"):
            named = element.find(qn("w:abstractNumId"))
            levels = abstract.get("" if named is None else str(named.get(_VAL)), {})
            formats.update({(str(element.get(qn("w:numId"))), depth): level for depth, level in levels.items()})
    return formats


def _levels(abstract: Any) -> list[tuple[int, tuple[str, int]]]:
    found = []
    for level in abstract.iter(qn("w:lvl")):
        depth = str(level.get(qn("w:ilvl")))
        format = level.find(qn("w:numFmt"))
        if depth.isdecimal():
            said = "bullet" if format is None else str(format.get(_VAL))
            found.append((int(depth), (said, _number(level.find(qn("w:start")), 1))))
    return found
