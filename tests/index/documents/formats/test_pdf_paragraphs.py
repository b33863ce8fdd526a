"""Lines become paragraphs by where they stand and how they look."""

from __future__ import annotations

from index.documents.formats.pdf_columns import Line
from index.documents.formats.pdf_paragraphs import paragraphs_of


def texts(*lines: str) -> list[str]:
    placed = [
        Line(text, 1, 72.0, 72.0 + 5 * len(text), 25.0, 700.0 - 14 * number, 11.0, False)
        for number, text in enumerate(lines)
    ]
    return [paragraph.text for paragraph in paragraphs_of([placed])]


def test_scripts_without_spaces_get_none() -> None:
    """Lines of Chinese are joined as they are; where a word of Latin letters begins there is a space."""
    assert texts("元宇宙与互联网不同，", "它的发展逻辑是什么") == ["元宇宙与互联网不同，它的发展逻辑是什么"]
    assert texts("元宇宙与互联网不同，", "Internet 是什么，不") == ["元宇宙与互联网不同， Internet 是什么，不"]


def test_words_in_capitals_are_cut_like_others() -> None:
    """A word in capitals is put together again; a name after a hyphen stays a name."""
    assert texts("This is called OP-", "TIONAL in the text.") == ["This is called OPTIONAL in the text."]
    assert texts("He was called Jean-", "Paul in the text.") == ["He was called Jean-Paul in the text."]
