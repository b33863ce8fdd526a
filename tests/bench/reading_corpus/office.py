"""Word files: a policy without styles, with the head of a form; a table with merged cells; a book with code; a list."""

from __future__ import annotations

from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.bench.reading_corpus import File
from tests.index.files import saved

_POLICY_WANTED = """
| Form 12-B | Date: | Page 1 of 2
| Name | | Signature
# A. PURPOSE
This policy says who may enter the harbour office at night, and how.
See Fig. 2 for the doors.
# Who is responsible?
The captain of the harbour is responsible.
In his absence, the watch decides, e.g. by lot.
# B. SCOPE
It applies to everybody who works in the office or visits it.
"""
_PLAN_WANTED = """
# Plan of the watch
The watch is kept by two persons in turn.
| Role | Day | Night
| Role: Captain | Day: ✓ | Night: x
| Role: Guard | Day: x | Night:
| Role: Guard | Day: x | Night: x
Nobody may leave the pier.
"""
_BOOK_WANTED = """
# Lighting
# The command
Enter the following: $ kiln light --now It burns. Good
You need:
Two pots of clay, which you fill.
Some wood, i.e. pine.
Then wait for nine days.
"""
_LIST_WANTED = """
# Ropes
Ropes are made fast in this order: 1. the bow line 2. the stern line
After that, the captain rings the bell.
Nobody answers.
"""


def files() -> list[File]:
    """Return the files and what is to be read of each."""
    made = [
        ("policy.docx", _policy(), _POLICY_WANTED),
        ("plan.docx", _plan(), _PLAN_WANTED),
        ("book.docx", _book(), _BOOK_WANTED),
        ("ropes.docx", _ropes(), _LIST_WANTED),
    ]
    return [File(name, saved(document), wanted) for name, document, wanted in made]


def _policy() -> Any:
    document = docx.Document()
    _table(document, [["Form 12-B", "Date:", "Page 1 of 2"], ["Name", "", "Signature"]])
    document.add_paragraph("A. PURPOSE")
    document.add_paragraph(
        "This policy says who may enter the harbour office at night, and how. See Fig. 2 for the doors."
    )
    document.add_paragraph().add_run("Who is responsible?").bold = True
    answer = document.add_paragraph("The captain of the harbour is responsible. ")
    answer.add_run("In his absence").bold = True
    answer.add_run(", the watch decides, e.g. by lot.")
    document.add_paragraph().add_run("B. SCOPE").bold = True
    document.add_paragraph("It applies to everybody who works in the office or visits it.")
    return document


def _plan() -> Any:
    document = docx.Document()
    document.add_heading("Plan of the watch", 1)
    document.add_paragraph("The watch is kept by two persons in turn.")
    table = _table(document, [["Role", "Day", "Night"], ["Captain", "", "x"], ["Guard", "x", ""], ["", "x", "x"]])
    mark = parse_xml(f'<w:r {nsdecls("w")}><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>')
    table.cell(1, 1).paragraphs[0]._p.append(mark)
    table.cell(2, 0).merge(table.cell(3, 0))
    document.add_paragraph("Nobody may leave the pier.")
    return document


def _book() -> Any:
    document = docx.Document()
    for name in ("ChapterTitle", "HeadB", "CodeWide", "Body Bullet"):
        document.styles.add_style(name, 1)
    for style, text in (
        ("ChapterTitle", "Lighting"),
        ("HeadB", "The command"),
        ("Normal", "Enter the following:"),
        ("CodeWide", "$ kiln light --now"),
        ("CodeWide", "It burns. Good"),
        ("Normal", "You need:"),
        ("Body Bullet", "Two pots of clay, which you fill."),
        ("Body Bullet", "Some wood, i.e. pine."),
        ("Normal", "Then wait for nine days."),
    ):
        document.add_paragraph(text, style=style)
    return document


def _ropes() -> Any:
    document = docx.Document()
    document.add_heading("Ropes", 0)
    document.add_paragraph("Ropes are made fast in this order:")
    document.add_paragraph("the bow line", style="List Number")
    document.add_paragraph("the stern line", style="List Number")
    broken = document.add_paragraph("After that, the captain rings")
    broken.add_run().add_break()
    broken.add_run("the bell. Nobody answers.")
    return document


def _table(document: Any, rows: list[list[str]]) -> Any:
    table = document.add_table(len(rows), len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    return table
