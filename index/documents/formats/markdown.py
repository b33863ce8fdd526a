"""Reads Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.documents.decoding import decode
from index.documents.formats.html import add_piece
from index.documents.formats.html_blocks import is_title
from index.documents.formats.reading import Composer, Reading
from index.documents.formats.tables import table_lines
from index.documents.formats.text import GUESSED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\r?\n(.*?\r?\n)??\1[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FRONT_FIELD = re.compile(r"^(title|author|date)[ \t]*[:=][ \t]*([^\r\n]+?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
# Tags of the programs that make pages of Markdown, such as Jekyll: `{% alert %}`, `{: .wide}`, `[it]({% page "x" %})`.
_TEMPLATE_LINE = re.compile(r"^[ \t]*(?:\{%[^%\n]*%\}[ \t]*)+$|^\{:[^}\n]*\}[ \t]*$", re.MULTILINE)
_TEMPLATE_LINK = re.compile(r"\]\(\s*\{[%{][^\n]*?[%}]\}[^\n)]*\)")
_DEEPEST = 60  # what is nested more deeply is lost
_BREAK = re.compile(r"</?br\b", re.IGNORECASE)
_NOTE = re.compile(
    r"\A\[\^[^\]\s]{1,40}\]:\s*|\[\^[^\]\s]{1,40}\]"
)  # the number of a footnote, in the text and before the note


def read(data: bytes, name: str) -> Reading:
    """Return the visible text: `# A *b* [c](d)` -> "A b c", a heading. No front matter, no images."""
    from markdown_it import MarkdownIt

    source, named = decode(data, name), {"title": ""}
    if front := _FRONT_MATTER.match(source):
        source = source[front.end() :]
        fields = reversed(_FRONT_FIELD.findall(front.group(2) or ""))  # of several the first counts
        named |= {field.lower(): value.strip("\"' ") for field, value in fields}
    page = Composer()
    source = _TEMPLATE_LINK.sub("](#)", _TEMPLATE_LINE.sub("", source))
    tokens = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"]).parse(source)
    _walk_markdown(tokens, page)
    return page.reading(**named)


def samples() -> list[bytes]:
    """Return a text with a heading, HTML and a table, in encodings that have to be guessed."""
    text = "# Образец\n\n<div>Это образец</div>\n\n|Один|Два|\n|-|-|\n|1|2|\n"
    return [text.encode(encoding) for encoding in GUESSED]


def _walk_markdown(tokens: Sequence[Token], page: Composer) -> None:
    counters: list[int | None] = []
    rows: list[list[str]] | None = None
    marker, first_item = "", True
    level = last_level = 0
    for token in tokens:
        match token.type:
            case "heading_open":
                level = last_level = int(token.tag[1])
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
                rows = []
            case "tr_open" if rows is not None:
                rows.append([])
            case "table_close":
                for number, line in enumerate(table_lines(rows or [], headed=True)):
                    page.add(line, tight=number > 0)
                rows = None
            case "inline":
                children = token.children or ()
                text = _visible(children)
                if rows is not None:
                    rows[-1].append(text or " ".join(str(child.content) for child in children if child.type == "image"))
                    continue
                is_heading = not marker and not counters and _is_bold(children) and is_title(text)
                page.add(
                    marker + text,
                    level=min(last_level + 1, 6) if is_heading else level,
                    tight=bool(marker) and not first_item,
                )
                marker, first_item = "", first_item and not marker
            case "fence" | "code_block":
                page.add(marker + token.content, code=not marker)
                marker = ""
            case "html_block":
                add_piece(token.content, page)
            case _:
                pass


def _is_bold(tokens: Sequence[Token]) -> bool:
    """Whether all that a paragraph says is in bold type."""
    kinds = [token.type for token in tokens if token.content.strip() or token.type != "text"]
    return kinds[:1] == ["strong_open"] and kinds[-1:] == ["strong_close"] and kinds.count("strong_open") == 1


def _visible(tokens: Sequence[Token]) -> str:
    parts = []
    for token in tokens:
        if token.type in ("text", "code_inline", "text_special"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak") or (token.type == "html_inline" and _BREAK.match(token.content)):
            parts.append("\n")
    text = _NOTE.sub("", "".join(parts))
    return re.sub(r"\n{2,}", "\n", re.sub(r"(?<=\S)[ \t]{2,}", " ", text)).strip()
