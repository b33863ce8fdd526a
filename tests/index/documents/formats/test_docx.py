"""A Word file reads as its reader reads it."""

from __future__ import annotations

from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from index.documents.formats.docx import read as read_docx
from index.documents.formats.reading import Reading
from index.errors import SourceError
from tests.index.files import rezipped, saved, word


def read(document: Any) -> Reading:
    return read_docx(saved(document), "a.docx")


def test_headings_lists_and_tables_are_read() -> None:
    """Headings are spans with their level, items have their marker, a row is a line; heads and feet are left out."""
    document = docx.Document()
    document.add_heading("On kilns", 0)
    document.add_heading("Firing", 1)
    document.add_paragraph("A kiln burned for ").add_run("nine days.").bold = True
    for style, words in [
        ("List Bullet", "pine"),
        ("List Bullet 2", "dry"),
        ("List Number", "Go."),
        ("List Number", "Stay."),
    ]:
        document.add_paragraph(words, style=style)
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip(table._cells, ["wood", "heat", "pine", "high"], strict=True):
        cell.text = words
    document.add_heading("An end", 9)
    document.sections[0].header.paragraphs[0].text = "RUNNING HEAD"
    reading = read(document)
    assert reading.text == (
        "On kilns\n\nFiring\n\nA kiln burned for nine days.\n\n- pine\n  - dry\n1. Go.\n2. Stay.\n\n"
        "wood | heat\npine | high\n\nAn end"
    )
    found = [(reading.text[start:end], level) for start, end, level in reading.headings]
    assert found == [("On kilns", 1), ("Firing", 1), ("An end", 9)]
    assert (reading.title, reading.pages) == ("On kilns", ())


def test_what_is_not_seen_is_not_read() -> None:
    """Deleted and hidden words are left out; inserted ones, links and content controls are not."""
    document = docx.Document()
    runs = (
        "<w:r><w:t>It was </w:t></w:r><w:del><w:r><w:delText>bad</w:delText><w:t>bad</w:t></w:r></w:del>"
        "<w:ins><w:r><w:t>good </w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>"
        "<w:hyperlink><w:r><w:t>and</w:t><w:tab/><w:t>near</w:t></w:r></w:hyperlink>"
        "<w:sdt><w:sdtContent><w:r><w:t>, too.</w:t></w:r></w:sdtContent></w:sdt>"
    )
    document.element.body.insert(0, parse_xml(f"<w:p {nsdecls('w')}>{runs}</w:p>"))
    framed = f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>In a frame.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    document.element.body.insert(1, parse_xml(framed))
    assert read(document).text == "It was good and near, too.\n\nIn a frame."


def test_a_text_box_is_read_once() -> None:
    """The words of a box stand after the paragraph it hangs on, and not again as older programs show them."""
    box = "<w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent>"
    names = nsdecls("w") + ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    both = f'<mc:AlternateContent><mc:Choice Requires="w">{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>'
    document = docx.Document()
    runs = f"<w:r><w:t>Around it.</w:t></w:r><w:r>{both}</mc:AlternateContent></w:r>"
    document.element.body.insert(0, parse_xml(f"<w:p {names}>{runs}</w:p>"))
    assert read(document).text == "Around it.\n\nIn a box."


def test_a_style_made_from_a_heading_is_one() -> None:
    """A style counts by what it is based on, and a paragraph by its outline level."""
    document = docx.Document()
    style = document.styles.add_style("Ours", 1)
    style.base_style = document.styles["Heading 2"]
    document.add_paragraph("Rivers", style="Ours")
    outlined = document.add_paragraph("Borders")
    outlined._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="0"/>'))
    document.add_paragraph("A map is not its land.")
    reading = read(document)
    found = [(reading.text[start:end], level) for start, end, level in reading.headings]
    assert found == [("Rivers", 2), ("Borders", 1)]


def test_a_table_that_only_frames_is_no_table() -> None:
    """Paragraphs in a table of one column stay paragraphs."""
    document = docx.Document()
    cell = document.add_table(rows=1, cols=1).cell(0, 0)
    cell.text = "One."
    cell.add_paragraph("Two.")
    assert read(document).text == "One.\n\nTwo."


ENTITIES = b'<!DOCTYPE a [<!ENTITY a "many"><!ENTITY b "%s"><!ENTITY c SYSTEM "file:///etc/passwd">]>' % (b"&a;" * 1000)


def test_entities_are_not_resolved() -> None:
    """Neither files nor words multiplied by entities come into the text."""
    body = word("Before.")
    xml = (
        b'<?xml version="1.0"?>'
        + ENTITIES
        + (
            b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
            b"<w:p><w:r><w:t>Said: &b;&c;</w:t></w:r></w:p></w:body></w:document>"
        )
    )
    reading = read_docx(rezipped(body, {"word/document.xml": xml}), "a.docx")
    assert reading.text == "Said:"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"word/document.xml": b"<no"}, "is a damaged Word file"),
        ({"[Content_Types].xml": b""}, "is a damaged Word file"),
        ({"word/styles.xml": b"\x00"}, "is a damaged Word file"),
    ],
)
def test_damage_is_said(changes: dict[str, bytes], says: str) -> None:
    """A part that is no XML makes one sentence."""
    with pytest.raises(SourceError, match=says):
        read_docx(rezipped(word("Before."), changes), "a.docx")


def test_pictures_alone_are_no_text() -> None:
    """A file without words says so."""
    with pytest.raises(SourceError, match=r"^a\.docx holds no text, perhaps only pictures"):
        read(docx.Document())


def _bold(document: Any, text: str) -> None:
    document.add_paragraph().add_run(text).bold = True


def test_without_styles_bold_type_and_capitals_make_headings() -> None:
    """A short line that is bold or in capitals as a whole is a heading; a bold sentence or word is none."""
    document = docx.Document()
    document.add_paragraph("A. PURPOSE")
    document.add_paragraph("It says who may enter the harbour office at night. ").add_run("Nobody else.").bold = True
    _bold(document, "Who is responsible?")
    document.add_paragraph("The captain of the harbour is, and in his absence whoever he names.")
    _bold(document, "Take care of the ropes.")
    reading = read(document)
    assert [reading.text[start:end] for start, end, _ in reading.headings] == ["A. PURPOSE", "Who is responsible?"]


def test_a_document_in_bold_type_has_no_headings() -> None:
    """Where most text is bold, bold type says nothing."""
    document = docx.Document()
    for line in ("The tide turns twice a day", "Salt keeps meat at sea", "Clay remembers"):
        _bold(document, line)
    assert read(document).headings == ()


def test_styles_of_publishers_are_known_by_their_names() -> None:
    """HeadB is a heading, Code is code whose lines are one block, a custom bullet style makes items."""
    document = docx.Document()
    for name in ("ChapterTitle", "HeadB", "CodeWide", "Intro Bullet"):
        document.styles.add_style(name, 1)
    for style, words in [
        ("ChapterTitle", "On kilns"),
        ("HeadB", "Firing"),
        ("CodeWide", "fn main() {"),
        ("CodeWide", "    burn(pine);"),
        ("CodeWide", "}"),
        ("Intro Bullet", "pine"),
        ("Intro Bullet", "oak"),
    ]:
        document.add_paragraph(words, style=style)
    typed = document.add_paragraph().add_run("kiln --light")
    typed.font.name = "Courier New"
    reading = read(document)
    assert reading.text == "On kilns\n\nFiring\n\nfn main() {\n    burn(pine);\n}\n\n- pine\n- oak\n\nkiln --light"
    assert [reading.text[start:end] for start, end in reading.code] == [
        "fn main() {\n    burn(pine);\n}", "kiln --light",
    ]  # fmt: skip
    assert [level for *_, level in reading.headings] == [1, 2]


def test_a_table_keeps_its_columns_and_check_marks() -> None:
    """Each cell stands after its column's heading, also empty and merged ones; marks of Wingdings are characters."""
    document = docx.Document()
    table = document.add_table(rows=4, cols=3)
    for row, texts in zip(
        table.rows, (["Role", "Day", "Night"], ["Captain", "", "x"], ["Guard", "x", ""], ["", "x", "x"]), strict=True
    ):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    mark = parse_xml(f'<w:r {nsdecls("w")}><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>')
    table.cell(1, 1).paragraphs[0]._p.append(mark)
    table.cell(2, 0).merge(table.cell(3, 0))
    assert read(document).text.split("\n") == [
        "Role | Day | Night",
        "Role: Captain | Day: ✓ | Night: x",
        "Role: Guard | Day: x | Night:",
        "Role: Guard | Day: x | Night: x",
    ]
