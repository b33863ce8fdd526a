"""What pages of a PDF repeat, what they do not say, and what is set in letters of one width."""

from __future__ import annotations

from index.documents.formats.pdf import read
from tests.bench.reading_corpus.pages import files
from tests.index.files import column, pdf, pdf_of, pdf_with, show, stream

_PROSE = [
    "The tide turns twice a day in this harbour, and a captain who ignores it",
    "loses the ship, which belongs to somebody else, and often the cargo too,",
]


def test_heads_of_every_second_page_are_left_out() -> None:
    """What stands beside the number of its page is no text, whether it repeats or names a section."""
    heads = ["Tides 1", "2 Z. Shen et al.", "Tides 3", "4 Z. Shen et al.", "Methods 5", "6 Z. Shen et al."]
    things = ["salt", "clay", "iron", "glass", "pine", "oak"]
    pages = [[head, "", "", *(f"{line} {thing}" for line in _PROSE)] for head, thing in zip(heads, things, strict=True)]
    text = read(pdf(*pages), "a.pdf").text
    assert "Shen" not in text
    assert "Methods" not in text
    assert text.count("The tide turns") == 6


def test_a_page_without_a_character_map_is_left_out_and_named() -> None:
    """The other pages are read; the number of the page is told."""
    names = b" ".join(b"/g%d" % number for number in range(3, 60))
    shown = [stream(show(column(_PROSE))), stream(b"BT /G 12 Tf 72 700 Td (\x03\x18\x19\x1a \x20\x21\x22\x23) Tj ET")]
    font = (
        b"<</Type/Font/Subtype/Type1/BaseFont/AB+No/FirstChar 3/Encoding<</Type/Encoding/Differences[3 %s]>>>>" % names
    )
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R/Resources<</Font<</F 3 0 R/G 4 0 R>>>>>>"
    made = pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[7 0 R 8 0 R]/Count 2>>",
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            font,
            *shown,
            page % 5,
            page % 6,
        ]
    )
    reading = read(made, "a.pdf")
    assert reading.text == " ".join(_PROSE)
    assert reading.unread_pages == (2,)


def test_a_lowered_letter_stays_in_its_line() -> None:
    """The letters of a logo stand at several heights, and part no line."""
    pieces = [(72, 700, 10, "See Bib"), (105, 700, 10, "T"), (111, 697, 10, "E"), (118, 700, 10, "X for more.")]
    assert read(pdf_with([stream(show(pieces))]), "a.pdf").text in ("See BibTEX for more.", "See Bib TEX for more.")


def test_lines_of_one_width_are_code() -> None:
    """They keep their lines, and are marked."""
    (made,) = (file for file in files() if file.name == "kiln.pdf")
    reading = read(made.data, "a.pdf")
    assert [reading.text[start:end] for start, end in reading.code] == ["$ kiln light --now\nIt burns. Good"]
