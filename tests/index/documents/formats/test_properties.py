"""Author and date in the properties of a file."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfWriter

from index.answering.facts import facts
from index.documents.document import read_sources
from index.documents.formats import docx, html, markdown, pdf
from index.generations.build import build
from index.generations.texts import read_texts
from index.text.noise import Aliases
from tests.index.fakes import FakeEncoder


def word(author: str) -> bytes:
    document, file = Document(), io.BytesIO()
    document.core_properties.author = author
    document.add_paragraph("Clay remembers the hand that shaped it.")
    document.save(file)
    return file.getvalue()


def test_markdown_names_them_in_its_front_matter() -> None:
    """Front matter is no text, but what it names is known; the first of several lines counts."""
    source = b'---\ntitle: Clay\nAuthor: "Jane Doe"\ndate: 2024-01-31\nauthor: Nobody\n---\nClay remembers.\n'
    read = markdown.read(source, "a.md")
    assert (read.title, read.author, read.date, read.text) == ("Clay", "Jane Doe", "2024-01-31", "Clay remembers.")
    assert (markdown.read(b"Clay remembers.", "a.md").author, markdown.read(b"---\n---\nClay", "a.md").date) == ("", "")


@pytest.mark.parametrize(("author", "known"), [("Jane Doe", "Jane Doe"), ("", ""), ("python-docx", "")])
def test_word_names_its_author(author: str, known: str) -> None:
    """The author is that of the file's properties, not the library of the template."""
    assert docx.read(word(author), "a.docx").author == known


def test_a_page_names_its_author() -> None:
    """A web page names its author in a meta element."""
    page = b"<html><head><meta name='author' content=' Jane  Doe '></head><body><p>Clay remembers.</p></body></html>"
    assert html.read(page, "a.html").author == "Jane Doe"


def test_a_pdf_names_its_author_and_day() -> None:
    """The day is written as people read it; a PDF without properties names neither."""
    [sample] = pdf.samples()
    assert (pdf.read(sample, "a.pdf").author, pdf.read(sample, "a.pdf").date) == ("", "")
    writer, file = PdfWriter(clone_from=io.BytesIO(sample)), io.BytesIO()
    writer.add_metadata({"/Author": "Jane Doe", "/CreationDate": "D:20240131120000Z"})
    writer.write(file)
    named = file.getvalue()
    read = pdf.read(named, "a.pdf")
    assert (read.author, read.date) == ("Jane Doe", "2024-01-31")


def test_they_stay_with_the_document(tmp_path: Path) -> None:
    """What a file names is kept in the generation and stated as a fact; what the text says goes before it."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.md").write_text("---\nauthor: Jane Doe\ndate: 2024-01-31\n---\nClay remembers the hand.\n")
    (tmp_path / "in" / "b.md").write_text("---\nauthor: Nobody\n---\nBy Ann Roe\n\nGlass forgets the fire.\n")
    documents, _ = read_sources([tmp_path / "in"])
    at = "2026-01-01T00:00:00+00:00"
    report = build(documents, data=tmp_path / "data", encoder=FakeEncoder(), aliases=Aliases({}), built_at=at)
    texts = read_texts(tmp_path / "data", report.generation)
    assert [(each.author, each.date) for each in facts(texts)] == [("Jane Doe", "2024-01-31"), ("Ann Roe", None)]
