"""Reads Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.documents.decoding import decode
from index.documents.formats.html import without_tags
from index.documents.formats.reading import Composer, Reading
from index.documents.formats.text import GUESSED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\r?\n(.*?\r?\n)??\1[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FRONT_FIELD = re.compile(r"^(title|author|date)[ \t]*[:=][ \t]*([^\r\n]+?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)


def read(data: bytes, name: str) -> Reading:
    """Return the visible text: `# A *b* [c](d)` -> "A b c", a heading. No front matter, no images."""
    from markdown_it import MarkdownIt

    source, named = decode(data, name), {"title": ""}
    if front := _FRONT_MATTER.match(source):
        source = source[front.end() :]
        fields = reversed(_FRONT_FIELD.findall(front.group(2) or ""))  # of several the first counts
        named |= {field.lower(): value.strip("\"' ") for field, value in fields}
    page = Composer()
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(source)
    _walk_markdown(tokens, page)
    return page.reading(**named)


def samples() -> list[bytes]:
    """Return a text with a heading, HTML and a table, in encodings that have to be guessed."""
    text = "# Образец\n\n<div>Это образец</div>\n\n|Один|Два|\n|-|-|\n|1|2|\n"
    return [text.encode(encoding) for encoding in GUESSED]


def _walk_markdown(tokens: Sequence[Token], page: Composer) -> None:
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
                page.add(without_tags(token.content))
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
