"""Reads PDF files: paragraphs, headings by the look of their type, and the offsets where pages start."""

from __future__ import annotations

import ctypes
import re
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby, takewhile
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium

from index.documents.decoding import UNKNOWN_AT_MOST, UNKNOWN_LETTERS, unknown_share
from index.documents.formats.pdf_columns import Line
from index.documents.formats.pdf_headings import mark_headings
from index.documents.formats.pdf_lines import lines_of
from index.documents.formats.pdf_paragraphs import Paragraph, paragraphs_of
from index.documents.formats.pdf_running import without_running_lines
from index.documents.formats.reading import Composer, Reading
from index.documents.formats.tables import table_lines
from index.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SAMPLE = (
    b"%PDF-1.4\n"
    b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 34>>stream\nBT /F 9 Tf 9 9 Td (A sample) Tj ET\nendstreamendobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    b"xref\n0 6\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \n"
    b"0000000208 00000 n \n0000000287 00000 n \ntrailer<</Size 6/Root 1 0 R>>\nstartxref\n348\n%%EOF"
)
_TITLE_LINES = 4
_CONTENTS = re.compile(r"(?:table of )?contents(?: of .{0,40})?|index", re.IGNORECASE)


def read(data: bytes, name: str) -> Reading:
    """Read the text of all pages; raise SourceError for what is locked, damaged or only pictures."""
    pages: list[list[Line]] = []
    unread: list[int] = []
    unknown = 0
    with _opened(data, name) as document:
        titled, author, date = (_property(document, name) for name in (b"Title", b"Author", b"CreationDate"))
        for number in range(1, pdfium.FPDF_GetPageCount(document) + 1):
            page = pdfium.FPDF_LoadPage(document, number - 1)
            lines = lines_of(page, number) if page else None
            pdfium.FPDF_ClosePage(page)
            is_unknown = unknown_share(" ".join(line.text for line in lines or ())) > UNKNOWN_AT_MOST
            unknown += is_unknown
            pages.append([] if is_unknown else lines or [])
            if lines is None or is_unknown:
                unread.append(number)
    shown = "".join(line.text for lines in pages for line in lines)
    if unknown and not re.search(r"\w", shown):
        raise SourceError(f"{name} {UNKNOWN_LETTERS}")
    if not re.search(r"\w", shown):
        if unread:
            raise _damaged(name)
        if not pages:
            raise SourceError(f"{name} holds no pages; save it again and add that.")
        raise SourceError(f"{name} holds no text; if it was scanned, have its text recognised (OCR) and add that.")
    pages = without_running_lines(pages)
    paragraphs = paragraphs_of(pages)
    mark_headings(paragraphs, pages)
    _head_rows(paragraphs)
    return replace(_composed(paragraphs, len(pages), titled, unread), author=author, date=_day(date))


def samples() -> list[bytes]:
    """Return a page with two words."""
    return [_SAMPLE]


@contextmanager
def _opened(data: bytes, name: str) -> Iterator[pdfium.FPDF_DOCUMENT]:
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        match pdfium.FPDF_GetLastError():
            case pdfium.FPDF_ERR_PASSWORD:
                raise SourceError(f"{name} is locked with a password; save a copy without one and add that.")
            case pdfium.FPDF_ERR_SECURITY:
                raise SourceError(f"{name} is encrypted; print it into a new PDF and add that.")
        raise _damaged(name)
    try:
        yield document
    finally:
        pdfium.FPDF_CloseDocument(document)


def _property(document: pdfium.FPDF_DOCUMENT, name: bytes) -> str:
    """Return a property in the metadata of the file, "" without it."""
    size = pdfium.FPDF_GetMetaText(document, name, None, 0)
    value = ctypes.create_string_buffer(size)
    pdfium.FPDF_GetMetaText(document, name, value, size)
    return " ".join(value.raw.decode("utf-16-le", "replace").replace("\0", "").split())


def _day(date: str) -> str:
    """Return the day of a date as PDF writes it: "D:20240131120000Z" -> "2024-01-31"; "" for anything else."""
    found = re.match(r"D:(\d{4})(\d\d)(\d\d)", date)
    return "-".join(found.groups()) if found else ""


def _damaged(name: str) -> SourceError:
    return SourceError(f"{name} is a damaged PDF; open it, print it into a new one and add that.")


def _composed(paragraphs: Sequence[Paragraph], page_count: int, named: str, unread: Sequence[int]) -> Reading:
    composer = Composer()
    starts: dict[int, int] = {}
    for paragraph in paragraphs:
        at = composer.add(paragraph.text, level=paragraph.level, tight=paragraph.tight, code=paragraph.code)
        for page, offset in paragraph.pages:
            starts.setdefault(page, at + offset)
    text = composer.text
    pages = [len(text)] * page_count
    following = len(text)
    for page in range(page_count, 0, -1):
        # A page without text of its own starts where the next one does.
        following = pages[page - 1] = min(starts.get(page, following), following)
    pages[0] = 0
    title, headings, code = _title(paragraphs, named, text), tuple(composer.headings), tuple(composer.code)
    return Reading(title, text, headings, tuple(pages), tuple(unread), code=code)


def _head_rows(paragraphs: Sequence[Paragraph]) -> None:
    """Write the headings of the columns into the rows of each table whose rows all have as many cells."""
    for is_row, group in groupby(paragraphs, key=lambda each: each.last.row):
        table = list(group) if is_row else []
        cells = [each.text.split(" | ") for each in table]
        if len(table) > 1 and len({len(row) for row in cells}) == 1:
            headed = table[0].bold and not any(each.bold for each in table[1:])
            lines = table_lines(cells, headed=headed or None)
            for each, line in zip(table, lines, strict=len(lines) == len(table)):
                each.text = line


def _title(paragraphs: Sequence[Paragraph], named: str, text: str) -> str:
    """Return the title of the metadata if the first words contain it, else the largest heading of the first page."""
    if named and _bare(named) in _bare(text[:3000]):
        return named
    first = [number for number, each in enumerate(paragraphs) if each.level == 1 and each.pages[0][0] == 1]
    if not first or _CONTENTS.fullmatch(paragraphs[first[0]].text):
        return ""
    # Lines of a title that are centred each by itself.
    lines = takewhile(lambda each: each.level == 1, paragraphs[first[0] : first[0] + _TITLE_LINES])
    return " ".join(each.text for each in lines)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
