"""A PDF reads as its reader reads it: flowing text, pages that can be named, nothing that every page repeats."""

from __future__ import annotations

import pytest

from index.documents.formats.pdf import read as read_pdf
from index.documents.formats.reading import Reading
from index.errors import SourceError
from tests.index.files import BOLD, LEADING, column, locked_pdf, pdf, pdf_of, pdf_with, show, stream

KILN = [
    "A kiln in Jingdezhen burned for nine days in 1712, and the",
    "potters fed it with pine because pine burns evenly.",
]
CLAY = [
    "Clay remembers the hand that shaped it, and glass forgets the",
    "fire at once. Both of them break when they fall.",
]


def read(data: bytes) -> Reading:
    return read_pdf(data, "a.pdf")


def pages(reading: Reading) -> list[str]:
    ends = [*reading.pages[1:], len(reading.text)]
    return [reading.text[start:end] for start, end in zip(reading.pages, ends, strict=True)]


def test_lines_flow_and_paragraphs_stand_apart() -> None:
    """Lines of a paragraph are one line of text; a gap, an indent or a short last line ends it."""
    reading = read(pdf([*KILN, "", *CLAY, "    " + KILN[0], KILN[1]]))
    assert reading.text == "\n\n".join(" ".join(lines) for lines in (KILN, CLAY, KILN))
    assert reading.headings == ()


def test_a_sentence_goes_on_over_the_end_of_a_page() -> None:
    """A paragraph that runs over a page break is one paragraph, and the second page starts within it."""
    reading = read(pdf([*CLAY, "", KILN[0]], [KILN[1], "", *CLAY]))
    assert reading.text == "\n\n".join(" ".join(lines) for lines in (CLAY, KILN, CLAY))
    assert pages(reading)[1].startswith(KILN[1])


def test_what_is_finished_on_a_page_does_not_run_on() -> None:
    """A new page after a full stop begins a new paragraph; a page without text starts where the next one does."""
    reading = read(pdf(KILN, [], CLAY))
    assert reading.text == "\n\n".join(" ".join(lines) for lines in (KILN, CLAY))
    assert reading.pages == (0, reading.text.index("Clay"), reading.text.index("Clay"))


def test_a_footnote_does_not_cut_the_sentence_above_it() -> None:
    """What stands in smaller type under a paragraph that runs on is read before it."""
    note = "1 Jingdezhen is a town of potters. It lies in the hills."
    first = [*column([*CLAY, "", KILN[0]]), (72.0, 80.0, 8.0, note)]
    reading = read(pdf_with([stream(show(first)), stream(show(column([KILN[1], "", *CLAY])))]))
    assert reading.text == "\n\n".join([" ".join(CLAY), note, " ".join(KILN), " ".join(CLAY)])
    assert pages(reading)[1].startswith(KILN[1])


def test_letters_that_a_font_does_not_name_are_no_text() -> None:
    """A file whose letters are only shapes is told, not indexed as rubbish."""
    font = b"<</Type/Font/Subtype/Type1/BaseFont/A/Encoding<</Type/Encoding/Differences[97/g1/g2/g3/g4/g5]>>>>"
    data = pdf_with([stream(show([(72, 700, 11, "abc deed")]))])
    with pytest.raises(SourceError, match=r"^a\.pdf does not say which letters it shows"):
        read(data.replace(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>", font))


def test_words_cut_at_the_end_of_a_line_are_whole() -> None:
    """A hyphen that only the end of the line called for goes; one that the word has elsewhere stays."""
    lines = [
        "Some of the well-known potters of this long street had under-",
        "stood how pine burns, and they were not only known but well-",
        "known for it. They said so to Jean-",
        "Paul.",
    ]
    assert read(pdf(lines)).text == (
        "Some of the well-known potters of this long street had understood how pine burns, and they were not only "
        "known but well-known for it. They said so to Jean-Paul."
    )


def test_running_heads_and_page_numbers_are_left_out() -> None:
    """What stands at the edge of every page is no text, even where a sentence goes on over it."""
    lines = [[*CLAY, "", KILN[0]], [KILN[1], "", *CLAY, "", KILN[0]], [KILN[1]]]
    contents = []
    for number, body in enumerate(lines, 1):
        edges = [(72.0, 760.0, 9.0, "Journal of Kilns, vol. 3"), (300.0, 30.0, 9.0, f"Page {number} of 3")]
        contents.append(stream(show([*edges, *column(body)])))
    clay, kiln = " ".join(CLAY), " ".join(KILN)
    assert read(pdf_with(contents)).text == "\n\n".join([clay, kiln, clay, kiln])


def test_pages_that_say_nearly_the_same_are_kept() -> None:
    """Where leaving out what repeats would leave nothing, nothing is left out."""
    reading = read(pdf(["This is page 1"], ["This is page 2"], ["This is page 3"]))
    assert [page.strip() for page in pages(reading)] == ["This is page 1", "This is page 2", "This is page 3"]


def test_columns_are_read_one_after_the_other() -> None:
    """A sentence goes on from the foot of a column to the head of the next."""
    left, right = [*CLAY, "", KILN[0]], [KILN[1], "", *CLAY]
    reading = read(pdf_with([stream(show(column(left, size=9) + column(right, x=330, size=9)))]))
    assert reading.text == "\n\n".join(" ".join(lines) for lines in (CLAY, KILN, CLAY))


TIDE = [
    "The tide turns twice a day in this harbour,",
    "and a captain who ignores it loses the ship.",
    "Salt keeps meat at sea.",
]
PINE = [
    "The kiln in the hills burned for nine days,",
    "and its potters fed it with pine, for pine",
    "burns evenly and long.",
]


def test_columns_that_are_written_row_by_row_are_read_one_after_the_other() -> None:
    """A program that writes across both columns does not mix their sentences."""
    left, right = [*PINE, *PINE], [*TIDE, *TIDE]
    rows = [cell for row in zip(column(left), column(right, x=320), strict=True) for cell in row]
    pine, tide = " ".join(PINE), " ".join(TIDE)
    assert read(pdf_with([stream(show(rows))])).text == "\n\n".join([pine, pine, tide, tide])


def test_a_table_is_read_by_row() -> None:
    """Cells are parted by bars, rows by line ends, each cell has its heading, the text around is none of it."""
    table = [("River", "Length", "Country"), ("Rhine", "1230", "Germany"), ("Danube", "2850", "Austria")]
    rows = [(72 + 150 * x, 640 - LEADING * y, 11, cell) for y, row in enumerate(table) for x, cell in enumerate(row)]
    reading = read(pdf_with([stream(show([*column(CLAY), *rows, *column(KILN, top=560)]))]))
    rows_of_text = [
        "River | Length | Country",
        "River: Rhine | Length: 1230 | Country: Germany",
        "River: Danube | Length: 2850 | Country: Austria",
    ]
    assert reading.text == "\n\n".join([" ".join(CLAY), "\n".join(rows_of_text), " ".join(KILN)])


@pytest.mark.parametrize("turned", ["0 1 -1 0 500 100", "-1 0 0 -1 500 700", "0 -1 1 0 100 700"])
def test_a_page_that_lies_on_its_side_is_read(turned: str) -> None:
    """Where no line is upright, those of the other direction are read, in their order."""
    content = f"{turned} cm\n".encode() + show(column([*KILN, "", *CLAY], x=0, top=0))
    assert read(pdf_with([stream(content)])).text == "\n\n".join(" ".join(lines) for lines in (KILN, CLAY))


def test_a_stamp_across_the_page_is_left_out() -> None:
    """What runs in another direction than the text does not stand in its sentences."""
    stamp = b"q 0 1 -1 0 20 300 cm " + show([(0, 0, 20, "DRAFT of 1999")]) + b" Q\n"
    lines = column(KILN)
    content = show(lines[:1]) + b"\n" + stamp + show(lines[1:])
    assert read(pdf_with([stream(content)])).text == " ".join(KILN)


def test_larger_and_bolder_lines_are_headings() -> None:
    """Short lines in larger type are headings, the largest the highest and the title, bold ones the last."""
    content = b"\n".join(
        [
            show([(72, 740, 20, "On Kilns"), (72, 715, 14, "Firing them")]),
            show(column(KILN, top=690)),
            show([(72, 655, 11, "The woods")], BOLD),
            show(column(CLAY, top=641)),
        ]
    )
    reading = read(pdf_with([stream(content)]))
    found = [(reading.text[start:end], level) for start, end, level in reading.headings]
    assert found == [("On Kilns", 1), ("Firing them", 2), ("The woods", 3)]
    assert reading.title == "On Kilns"


def test_list_items_stand_under_one_another() -> None:
    """An item begins a line of its own and takes the lines that go on with it."""
    reading = read(
        pdf(["We need these:", "• a map of the land, drawn by somebody who went there and", "  came back", "• a boat"])
    )
    assert reading.text.splitlines()[-2:] == [
        "• a map of the land, drawn by somebody who went there and came back",
        "• a boat",
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (locked_pdf(pdf(KILN), "secret"), "a.pdf is locked with a password; save a copy without one"),
        (pdf([], []), "a.pdf holds no text; if it was scanned, have its text recognised"),
        (pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]), "a.pdf holds no pages"),
        (b"%PDF-1.7\n1 0 obj\n", "a.pdf is a damaged PDF"),
        (pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"]), "a.pdf"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_to_do(data: bytes, says: str) -> None:
    """Locked, scanned, empty and broken files each end in one sentence."""
    with pytest.raises(SourceError) as refusal:
        read(data)
    assert str(refusal.value).startswith(says)
    assert str(refusal.value).endswith(".")


def test_a_pdf_that_only_forbids_printing_is_read() -> None:
    """A file that opens without a password is read without one."""
    assert read(locked_pdf(pdf(KILN), "")).text == " ".join(KILN)


def test_a_damaged_page_is_told_and_the_others_are_read() -> None:
    """One page whose stream cannot be unpacked costs that page alone."""
    good = stream(show(column(KILN)))
    reading = read(pdf_with([good, stream(b"no deflate at all" * 9, b"/Filter/ASCII85Decode/DecodeParms 7")]))
    assert reading.text == " ".join(KILN)
    assert len(reading.pages) == 2


def test_words_set_apart_without_spaces_are_words() -> None:
    """A gap between words is a space where none is written, and kerning is none."""
    content = b"BT /F 11 Tf 72 700 Td [(The)-280(k)20(iln)-300(burns)-230(pine)] TJ ET"
    assert read(pdf_with([stream(content)])).text == "The kiln burns pine"


def test_spaced_out_letters_are_words() -> None:
    """Letters set apart for looks are words, parted where they stand wider apart."""
    content = b"BT /B 14 Tf 4 Tc 72 700 Td [(ON)-500(KILNS)] TJ ET"
    assert read(pdf_with([stream(content)])).text == "ON KILNS"


def test_text_that_is_drawn_twice_is_read_once() -> None:
    """A shadow, or boldness made by drawing again a little aside, says nothing new."""
    assert read(pdf_with([stream(show([(72, 700, 11, KILN[0]), (72.4, 700, 11, KILN[0])]))])).text == KILN[0]


def test_what_lies_outside_of_the_page_is_not_read() -> None:
    """Notes of the printing house outside of what is shown of a page are no text."""
    assert read(pdf_with([stream(show([*column(KILN), (72, 900, 9, "proof 3 of 5")]))])).text == " ".join(KILN)


def test_a_raised_number_is_one_and_stays_on_its_line() -> None:
    """The mark of a footnote does not break its line, and is no digit of the word before it."""
    marked = [(72, 700, 11, "It burned evenly"), (150.4, 704, 7, "2"), (154.4, 700, 11, " they said.")]
    assert read(pdf_with([stream(show(marked))])).text == "It burned evenly² they said."


def test_drawn_bullets_begin_items() -> None:
    """A dot that is drawn before a line, as browsers do, is the bullet of an item."""
    dots = b"".join(b"60 %d 4 4 re f " % (702 - LEADING * number) for number in range(2))
    items = show(column([KILN[0], CLAY[0]]))
    assert read(pdf_with([stream(dots + items)])).text == f"• {KILN[0]}\n• {CLAY[0]}"
