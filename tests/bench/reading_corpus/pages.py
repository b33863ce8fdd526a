"""PDF files: a paper with running heads and a footnote, a price list, a manual with code, a font without names."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from tests.bench.reading_corpus import File
from tests.index.files import pdf_of, stream

# ruff: noqa: E501
_WIDTH, _LEFT, _TOP, _LEADING, _SIZE = 84, 72.0, 700.0, 14.0, 10.0
_PARTS = (
    "The tide of a small harbour has been measured since the year 1712, and the tables of the monks are still in use (11). "
    "Others found the same in the north (Moreau et al. 2010; cf. Bakker 2011). As Fig. 2 shows, it rises by approx. 3.5 m.",
    "The mosquito Ae. aegypti breeds in the inner basin of the old harbour, but An. gambiae does not. Neither was found in "
    "winter, when the water of the basin freezes, and when the watch has to break the ice with long poles of oak wood every",
    "morning before the bell. We used a float of oak wood, two ropes and a clock that was set every morning by the sound of "
    "the bell of the monastery. The float weighed 2 lb. and was painted red. It was lost in autumn, in the great storm that",
    "took the pier. Since then the depth is measured by hand, with a rope that has a knot for every foot of the water.",
)
_PAPER_WANTED = """
# Tides of Small Harbours
# 1 Introduction
The tide of a small harbour has been measured since the year 1712, and the tables of the monks are still in use (11).
Others found the same in the north (Moreau et al. 2010; cf. Bakker 2011).
As Fig. 2 shows, it rises by approx. 3.5 m.
# 2 Methods
1 The tables lie in the archive of the town.
The mosquito Ae. aegypti breeds in the inner basin of the old harbour, but An. gambiae does not.
Neither was found in winter, when the water of the basin freezes, and when the watch has to break the ice with long poles of oak wood every morning before the bell.
We used a float of oak wood, two ropes and a clock that was set every morning by the sound of the bell of the monastery.
The float weighed 2 lb. and was painted red.
It was lost in autumn, in the great storm that took the pier.
Since then the depth is measured by hand, with a rope that has a knot for every foot of the water.
"""
_PRICES_WANTED = """
# Prices of the harbour
A berth is paid for each night, and a crane for each hour.
| Service | Unit | Summer | Winter
| Service: Berth | Unit: night | Summer: 12.50 | Winter: 8
| Service: Crane | Unit: hour | Summer: 40 | Winter: 35
| Service: Water | Unit: ton | Summer: 2 | Winter: 2
Prices are in marks.
"""
_MANUAL_WANTED = """
# Lighting
Enter the following: $ kiln light --now It burns. Good
The kiln burns for nine days then, and nobody in the whole valley of the potters sleeps be- fore the fire is out.
# What if it rains?
Cover the kiln with the roof that stands be- hind it.
"""

_Line = tuple[str, float, float, float, str]  # font (F, bold B, fixed C), x, y, size, text


def files() -> list[File]:
    """Return the files and what is to be read of each."""
    return [
        File("paper.pdf", _pdf(_paper()), _PAPER_WANTED),
        File("prices.pdf", _pdf([_prices()]), _PRICES_WANTED),
        File("kiln.pdf", _pdf([_manual()]), _MANUAL_WANTED.replace("be- ", "be")),
        File("glyphs.pdf", _glyphs()),
    ]


def _pdf(pages: Sequence[Sequence[_Line]]) -> bytes:
    kids = b" ".join(b"%d 0 R" % (7 + 2 * number) for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(pages)),
        *(
            b"<</Type/Font/Subtype/Type1/BaseFont/%s/Encoding/WinAnsiEncoding>>" % name
            for name in (b"Helvetica", b"Helvetica-Bold", b"Courier")
        ),
    ]
    for number, lines in enumerate(pages):
        shown = []
        for font, x, y, size, text in lines:
            said = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
            shown.append(b"BT /%s %g Tf %g %g Td (%s) Tj ET" % (font.encode(), size, x, y, said))
        objects += [
            stream(b"\n".join(shown)),
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R"
            b"/Resources<</Font<</F 3 0 R/B 4 0 R/C 5 0 R>>>>>>" % (6 + 2 * number),
        ]
    return pdf_of(objects)


def _set(text: str, top: float, *, size: float = _SIZE) -> list[_Line]:
    lines = textwrap.wrap(text, _WIDTH)
    return [("F", _LEFT, top - _LEADING * number, size, line) for number, line in enumerate(lines)]


def _paper() -> list[list[_Line]]:
    heads = ["", "2 Z. Shen et al.", "Tides of Small Harbours 3", "4 Z. Shen et al."]
    pages: list[list[_Line]] = []
    for number, (head, part) in enumerate(zip(heads, _PARTS, strict=True)):
        page: list[_Line] = [("F", _LEFT, 760, 8, head)] if head else []
        if number == 0:
            page += [("B", _LEFT, 740, 18, "Tides of Small Harbours"), ("B", _LEFT, 715, 12, "1 Introduction")]
            page += _set(part, 690)
            page += [
                ("F", _LEFT, 90, 7, "1 The tables lie in the archive of the town."),
                ("B", _LEFT, 600, 12, "2 Methods"),
            ]
        else:
            page += _set(part, _TOP)
        pages.append(page)
    return pages


def _prices() -> list[_Line]:
    rows = ["Service|Unit|Summer|Winter", "Berth|night|12.50|8", "Crane|hour|40|35", "Water|ton|2|2"]
    lines: list[_Line] = [("B", _LEFT, 740, 18, "Prices of the harbour")]
    lines += _set("A berth is paid for each night, and a crane for each hour.", _TOP)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row.split("|")):
            lines.append(("F", _LEFT + 110 * column, 660 - 16 * number, _SIZE, cell))
    return [*lines, *_set("Prices are in marks.", 560)]


def _manual() -> list[_Line]:
    lines: list[_Line] = [("B", _LEFT, 740, 18, "Lighting"), ("F", _LEFT, 700, _SIZE, "Enter the following:")]
    lines += [
        ("C", 90, 680 - 12 * number, 9, text) for number, text in enumerate(("$ kiln light --now", "It burns. Good"))
    ]
    lines.append(
        (
            "F",
            _LEFT,
            640,
            _SIZE,
            "The kiln burns for nine days then, and nobody in the whole valley of the potters sleeps be-",
        )
    )
    lines.append(("F", _LEFT, 626, _SIZE, "fore the fire is out."))
    lines.append(("B", _LEFT, 590, 12, "What if it rains?"))
    return [*lines, ("F", _LEFT, 570, _SIZE, "Cover the kiln with the roof that stands behind it.")]


def _glyphs() -> bytes:
    names = b" ".join(b"/g%d" % number for number in range(3, 60))
    widths = b" ".join([b"500"] * 57)
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
            stream(b"BT /F 12 Tf 72 700 Td (\x03\x18\x19\x1a \x20\x21\x22\x23 \x24\x25) Tj ET"),
            b"<</Type/Font/Subtype/Type1/BaseFont/ABCDEF+Unknown/FirstChar 3/LastChar 59/Widths[%s]"
            b"/Encoding<</Type/Encoding/Differences[3 %s]>>>>" % (widths, names),
        ]
    )
