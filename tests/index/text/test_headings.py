"""Headings that are plain lines, and the questions of a document of questions and answers."""

from __future__ import annotations

import pytest

from index.text.noise import MarkKind, marks
from index.text.passages import split
from tests.index.fakes import document


def sections(text: str) -> list[tuple[str, str]]:
    made = document(text)
    return [(p.heading, text[s.start : s.end]) for p in split(made, marks(made)) for s in p.sentences]


def test_questions_head_their_answers() -> None:
    """A line "Q: ...?" is a heading anywhere; a lone question is one in a document of questions."""
    text = (
        "Q: Who owns it?\nA: The town.\nQ2. Can I moor at night?\nYes.\n\nCan I use oak?\n\nNo.\n\n"
        "What does it cost?\n\nIt costs 12 marks.\n\nWhere do I pay?\n\nAt the office."
    )
    assert sections(text) == [
        ("Q: Who owns it?", "The town."), ("Q2. Can I moor at night?", "Yes."), ("Can I use oak?", "No."),
        ("What does it cost?", "It costs 12 marks."), ("Where do I pay?", "At the office."),
    ]  # fmt: skip


def test_a_question_of_an_essay_is_prose() -> None:
    """Where few paragraphs are questions they are part of the argument."""
    prose = "The tide turns twice a day in this harbour, and a captain who ignores it loses the ship he is on."
    text = "\n\n".join([prose, prose, prose, "Is it so?", "No.", prose, prose, prose])
    assert ("", "Is it so?") in sections(text)


@pytest.mark.parametrize("heading", ["3.1.  Making Fast", "A.  Purpose", "2.2.  MUST", "Author's Address"])
def test_sections_of_standards_have_headings(heading: str) -> None:
    """Numbered headings as of an RFC, above indented text, head their section."""
    body = "   This word means that the definition is an absolute\n   requirement of it."
    assert [name for name, _ in sections(f"   Salt keeps meat at sea.\n\n{heading}\n\n{body}")] == [
        "",
        " ".join(heading.split()),
    ]


def test_a_table_of_contents_is_no_prose() -> None:
    """Lines with leaders to page numbers are furniture, whatever stands before them."""
    text = "Contents\n\n   1.  Salt  . . . . . . . . .   2\n   2.  Clay ............... 14\n\nSalt keeps meat at sea."
    made = document(text)
    assert [text[m.start : m.end][:8] for m in marks(made) if m.kind == MarkKind.FURNITURE] == ["1.  Salt"]


def test_letters_without_a_name_are_no_prose() -> None:
    """A line that is the numbers of glyphs is not indexed."""
    text = (
        "Salt keeps meat at sea.\n\n/g3/g24/g25/g26/g3/g24/g25/g26\n\n(cid:3)(cid:12)(cid:9) (cid:4)\n\nClay remembers."
    )
    assert [quote for _, quote in sections(text)] == ["Salt keeps meat at sea.", "Clay remembers."]


def test_lists_and_columns_stay_together() -> None:
    """Short items that blank lines part are one passage; a line of columns is one row."""
    text = "Ropes are made fast so:\n\n   o  the bow line,\n\n   o  the stern line.\n\nRhine      1230\nElbe       1094"
    assert [quote for _, quote in sections(text)] == [
        "Ropes are made fast so:\n\n   o  the bow line,\n\n   o  the stern line.", "Rhine      1230", "Elbe       1094",
    ]  # fmt: skip
