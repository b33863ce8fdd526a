"""Pages of plain text are joined without what they repeat, and nothing else is changed."""

from __future__ import annotations

import time

import pytest

from index.documents.formats.text_pages import without_page_breaks

HEAD, FOOT = "RFC 9999       Key Words       March 1997", "Bradner      Best Practice      [Page {}]"


def paged(*pages: str) -> str:
    return "\n\n\n".join(f"{HEAD}\n\n\n{page}\n\n\n{FOOT.format(n)}\n\f" for n, page in enumerate(pages, 1))


def test_a_sentence_goes_on_over_a_page() -> None:
    """Heads, feet and form feeds are no text; a paragraph that ends at the end of a page ends there."""
    text = paged(
        "   A captain who ignores the tide of this harbour loses\n   a ship, which",
        "   belongs to somebody else.",
        "2.  Salt\n\n   Salt keeps meat.",
    )
    assert without_page_breaks(text).strip() == (
        "A captain who ignores the tide of this harbour loses\n   a ship, which\n   belongs to somebody else.\n\n"
        "2.  Salt\n\n   Salt keeps meat."
    )


def test_a_line_with_a_growing_number_that_breaks_sentences_is_a_running_head() -> None:
    """Without any mark of a page "2 Z. Shen et al." is known by what it does."""
    parts = [
        "The tide of this harbour turns twice",
        "a day in spring and in autumn, and",
        "every captain of the old town knows",
        "it well.",
    ]
    heads = ["2 Z. Shen et al.", "4 Z. Shen et al.", "6 Z. Shen et al."]
    text = parts[0] + "".join(f"\n\n{head}\n\n{part}" for head, part in zip(heads, parts[1:], strict=True))
    assert without_page_breaks(text) == "\n".join(parts)


@pytest.mark.parametrize(
    "text",
    [
        "Chapter 1\n\nThe tide turns.\n\nChapter 2\n\nSalt keeps meat.\n\nChapter 3\n\nClay remembers.",
        "Step 1\n\ntake wood\n\nStep 2\n\nlight it\n\nStep 3\n\nwait",
        "A text with\r\nlines of Windows.\r\n",
        "In 1712 it burned\nfor nine days, and in 1713\nfor ten of them.",
        "[Page layout] is a field\n\nof its own.",
    ],
)
def test_other_texts_are_left_as_they_are(text: str) -> None:
    """Chapters, steps, numbers in prose and line ends are what the author wrote."""
    assert without_page_breaks(text) == text


def test_long_texts_take_a_moment() -> None:
    """Time is linear in the text, whatever it repeats."""
    for unit in ("3\n\n", "a 1\nb", "\f", "x [Page 1]\n"):
        began = time.process_time()
        without_page_breaks(unit * 50_000)
        assert time.process_time() - began < 3
