"""Makes PDF, Word and zip files on the spot: sound ones, and ones that no program would write."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import docx
from pypdf import PdfReader, PdfWriter

HELVETICA, BOLD = b"F", b"B"
LEADING = 14.0

Shown = tuple[float, float, float, str]  # x, y and size in points; the words


def pdf_of(objects: Sequence[bytes]) -> bytes:
    """Write numbered objects, of which the first is the catalogue, as a PDF file."""
    out, at = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        at.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in at)
    count = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, rows)
    return out + table + b"trailer <</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (count, len(out))


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), entries, data)


def deflated(data: bytes) -> bytes:
    return stream(zlib.compress(data), b"/Filter/FlateDecode")


def pdf_with(contents: Sequence[bytes], pages: Sequence[int] | None = None) -> bytes:
    """Write a PDF whose pages show these streams of operators, by their numbers, or each once."""
    shown = range(len(contents)) if pages is None else pages
    kids = b" ".join(b"%d 0 R" % (5 + 2 * number + 1) for number in shown)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(shown)),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>",
    ]
    for number, content in enumerate(contents):
        objects += [
            content,
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R"
            b"/Resources<</Font<</F 3 0 R/B 4 0 R>>>>>>" % (5 + 2 * number),
        ]
    return pdf_of(objects)


def show(lines: Sequence[Shown], font: bytes = HELVETICA) -> bytes:
    """Write the operators that show lines of text."""
    parts = []
    for x, y, size, words in lines:
        said = words.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        parts.append(b"BT /%s %g Tf %g %g Td (%s) Tj ET" % (font, size, x, y, said))
    return b"\n".join(parts)


def column(lines: Sequence[str], *, x: float = 72, top: float = 700, size: float = 11) -> list[Shown]:
    """Place lines under one another; "" leaves a gap, and four spaces are an indent."""
    placed = []
    for number, line in enumerate(lines):
        bare = line.lstrip(" ")
        placed.append((x + 4 * (len(line) - len(bare)), top - number * LEADING, size, bare))
    return [item for item in placed if item[3]]


def pdf(*pages: Sequence[str]) -> bytes:
    """Write a PDF of these pages, each of these lines."""
    return pdf_with([stream(show(column(lines))) for lines in pages])


def locked_pdf(data: bytes, password: str, owner: str = "owner") -> bytes:
    """Encrypt a PDF by RC4, which needs no other library."""
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(data))), io.BytesIO()
    writer.encrypt(password, owner, algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def endless_pdf() -> bytes:
    """Write a small PDF that takes minutes to read: thousands of pages that all show the same long stream."""
    return pdf_with([deflated(b"BT /F 12 Tf " + b"(abcdefgh) Tj " * 5000 + b"ET")], [0] * 5000)


def pdf_bomb() -> bytes:
    """Write a PDF of a megabyte with a page that unpacks to a gigabyte."""
    packer = zlib.compressobj(9)
    first = packer.compress(bytes(2**22)) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush nothing earlier is referred to: the same block may come again and again.
    again = packer.compress(bytes(2**22)) + packer.flush(zlib.Z_FULL_FLUSH)
    zeros = first + again * 255
    return pdf_with([stream(zeros, b"/Filter/FlateDecode")])


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def word(*paragraphs: str) -> bytes:
    """Write a Word file of these paragraphs; those that begin with # are headings."""
    document = docx.Document()
    for paragraph in paragraphs:
        if paragraph.startswith("#"):
            document.add_heading(paragraph.lstrip("# "), level=len(paragraph) - len(paragraph.lstrip("#")))
        else:
            document.add_paragraph(paragraph)
    return saved(document)


def rezipped(data: bytes, changes: Mapping[str, bytes]) -> bytes:
    """Write an archive again with members exchanged or added."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**content, **changes})


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()
