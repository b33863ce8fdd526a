"""PDFs of known text, drawn here and printed by Chromium, are read as the text that they were made of."""

from __future__ import annotations

import os

import pytest

from index.documents.formats.pdf import read as read_pdf
from tests.index.documents.formats.pdf_corpus import drawn, printed, styles
from tests.index.documents.formats.pdf_corpus.documents import Document, generated, html
from tests.index.documents.formats.pdf_corpus.scoring import scored


def check(document: Document, data: bytes) -> None:
    score = scored(document, read_pdf(data, "a.pdf"))
    assert score.words >= 0.995
    assert score.breaks >= 0.95
    assert score.headings >= 0.9


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("is_scan", [False, True])
def test_pdfs_drawn_as_tex_and_scanners_do(columns: int, is_scan: bool) -> None:
    """Justified text without spaces, hyphens, footnotes, tables and running heads in columns; words a little askew."""
    document = generated(1, sections=8)
    check(document, drawn.tex(document, columns=columns, is_scan=is_scan))


@pytest.mark.skipif(os.environ.get("TUTOR_TEST_BROWSER") == "0", reason="TUTOR_TEST_BROWSER=0")
def test_pages_printed_by_a_browser() -> None:
    """Pages that Chromium prints keep their words, paragraphs and headings, in columns and from right to left too."""
    if not printed.browser():
        pytest.fail("no Chromium was found: install one, or set TUTOR_TEST_BROWSER=0 to leave this test out.")
    documents = {name: generated(number) for number, name in enumerate(("plain", "two columns", "like Google Docs"))}
    pages = {name: html(document, styles.SEEN[name]) for name, document in documents.items()}
    for language in ("he", "ar"):
        documents[language] = generated(1, language=language)
        pages[language] = html(documents[language], 'body{font-family:"DejaVu Sans"}')
    made = printed.chromium(pages, heads=True)
    for name, document in documents.items():
        check(document, made[name])
