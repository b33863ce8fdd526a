"""Recognises the headings of a PDF by the size and weight of their type."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.documents.formats.pdf_columns import Line
    from index.documents.formats.pdf_paragraphs import Paragraph

_LARGER = 1.08  # than the body
_LONGEST_HEADING = 160  # characters
_HEADINGS_AT_MOST = 0.3  # of all letters; with more the type says nothing
_NO_HEADING = re.compile(r"[.;,:\u2026\u3002]\Z|(?:\. ?){4}|\Ahttps?:")  # nor is a line of a table of contents


def mark_headings(paragraphs: Sequence[Paragraph], pages: Sequence[Sequence[Line]]) -> None:
    """Set the level of short paragraphs in larger or bolder type than the body; the largest type is level 1.

    Body in 10 points; "Rivers" in 18 -> level 1, "The Rhine" in 12 -> level 2, "A note." in 12 -> no heading.
    """
    letters: Counter[tuple[float, bool]] = Counter()
    for line in (line for page in pages for line in page):
        letters[line.size, line.bold] += len(line.text)
    if not letters:
        return
    (body, body_bold), _ = letters.most_common(1)[0]
    found = [
        paragraph
        for paragraph in paragraphs
        if len(paragraph.text) <= _LONGEST_HEADING
        and re.search(r"[^\W\d_]", paragraph.text)
        and not paragraph.code
        and not _NO_HEADING.search(paragraph.text)
        and (paragraph.size >= _LARGER * body or (paragraph.bold > body_bold and paragraph.size > 0.97 * body))
    ]
    if sum(len(paragraph.text) for paragraph in found) > _HEADINGS_AT_MOST * letters.total():
        return
    looks = sorted({(round(paragraph.size), paragraph.bold) for paragraph in found}, reverse=True)
    for paragraph in found:
        paragraph.level = min(looks.index((round(paragraph.size), paragraph.bold)) + 1, 6)
        paragraph.tight = False
