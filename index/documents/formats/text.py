"""Reads plain text; the readers of other formats have the same two functions."""

from __future__ import annotations

from index.documents.decoding import decode
from index.documents.formats.reading import Reading
from index.documents.formats.text_pages import without_page_breaks

GUESSED = ("utf-16-le", "koi8_r")  # encodings that a file does not declare, each recognised in a different way


def read(data: bytes, name: str) -> Reading:
    """Decode a text file, without what its pages repeat; raises SourceError for a binary one."""
    return Reading("", without_page_breaks(decode(data, name)))


def samples() -> list[bytes]:
    """Return text that has to be guessed, which takes some words."""
    return [("Это образец текста. " * 9).encode(encoding) for encoding in GUESSED]
