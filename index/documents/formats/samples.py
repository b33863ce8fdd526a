"""Small files of each kind, which a child process reads before it is confined: see index.documents.sandbox_child."""

from __future__ import annotations

import io

from index.documents.formats.kinds import Kind

_PDF = (
    b"%PDF-1.4\n"
    b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 34>>stream\nBT /F 9 Tf 9 9 Td (A sample) Tj ET\nendstreamendobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    b"xref\n0 6\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \n"
    b"0000000208 00000 n \n0000000287 00000 n \ntrailer<</Size 6/Root 1 0 R>>\nstartxref\n348\n%%EOF"
)
_HTML = "<html><title>Образец</title><h1>Образец</h1><p>Это <b>образец</b> текста.<ul><li>Один</ul>"
_TEXT = "Это образец текста. " * 9  # a guess needs some text
_MARKDOWN = "# Образец\n\n<div>Это образец</div>\n\n|Один|Два|\n|-|-|\n|1|2|\n"
_ENCODINGS = ("utf-16-le", "koi8_r")  # two that have to be guessed, each in its own way


def samples(kind: Kind) -> list[bytes]:
    """Give the bytes of small files of a kind; raises ValueError for a kind that needs no child process."""
    match kind:
        case Kind.PDF:
            return [_PDF]
        case Kind.DOCX:
            return [_docx()]
        case Kind.HTML:
            return [_HTML.encode(encoding) for encoding in _ENCODINGS]
        case Kind.TEXT:
            return [_TEXT.encode(encoding) for encoding in _ENCODINGS]
        case Kind.MARKDOWN:
            return [_MARKDOWN.encode(encoding) for encoding in _ENCODINGS]
        case _:
            raise ValueError(kind)


def _docx() -> bytes:
    from docx import Document

    document, file = Document(), io.BytesIO()
    document.add_paragraph("A sample", style="List Bullet")
    document.save(file)
    return file.getvalue()
