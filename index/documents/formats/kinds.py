"""The table of file formats: how each is recognised, read, limited and called. Everything else reads this table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from index.errors import SourceError

if TYPE_CHECKING:
    from index.documents.formats.reading import Reading

HEAD_BYTES = 1024
MEMBER_LIMIT = 5_000  # files of an archive
UNPACKED_LIMIT_BYTES = 200 * 2**20  # of an archive, all files together
_TEXT_LIMIT_BYTES = 20 * 2**20
_OFFICE_LIMIT_BYTES = 50 * 2**20  # most of it is pictures
_ARCHIVE_LIMIT_BYTES = 100 * 2**20


class Reader(Protocol):
    """What a module that reads a format has; see index.documents.formats.text, the shortest."""

    def read(self, data: bytes, name: str) -> Reading:
        """Return the text of a file; `name` is for errors. Raises SourceError with a sentence that says what to do."""

    def samples(self) -> list[bytes]:
        """Return small files of the format, whose text contains "sample" or "образец".

        The child process reads them before it is confined, so that everything that the parser loads late is loaded.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A row of the table.

    `reader` is a module of this package (a Reader), "" for a file that contains or is not a document. A file has the
    format if it starts with one of `magic`, if it is the zip file of an office program and has files in `folder`, or,
    without either, if its name ends with one of `suffixes`, of which the first is the usual one. With `has_preamble`
    the magic of a file so named may come later. `label`, `contents` and `omits` are for docs/maintainers.md.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    limit_bytes: int = _TEXT_LIMIT_BYTES
    reader: str = ""
    magic: tuple[bytes, ...] = ()
    has_preamble: bool = False
    folder: str = ""
    contents: str = ""
    omits: str = ""


class Kind(StrEnum):
    """The formats, each with its row; PACKAGE is any zip file until its members are known, and an archive then."""

    row: Format

    def __new__(cls, row: Format) -> Kind:
        """Make a member whose value is the name in its row."""
        member = str.__new__(cls, row.name)
        member._value_ = row.name
        member.row = row
        return member

    TEXT = Format(
        name="text",
        label="Text",
        suffixes=(".txt",),
        reader="text",
        contents="any common encoding",
        omits="what its pages repeat",
    )
    MARKDOWN = Format(
        name="markdown",
        label="Markdown",
        suffixes=(".md", ".markdown"),
        reader="markdown",
        contents="what a reader sees; headings, code, tables",
        omits="markup, front matter, targets of links",
    )
    HTML = Format(
        name="html",
        label="HTML",
        suffixes=(".html", ".htm", ".xhtml"),
        reader="html",
        contents="what a reader sees; headings, code, tables",
        omits="navigation and other page furniture",
    )
    PDF = Format(
        name="pdf",
        label="PDF",
        suffixes=(".pdf",),
        limit_bytes=_OFFICE_LIMIT_BYTES,
        reader="pdf",
        magic=(b"%PDF-",),
        has_preamble=True,
        contents="paragraphs, headings, tables, code; quotes name the page",
        omits="lines that repeat on pages; pages without recognised text or character map",
    )
    DOCX = Format(
        name="docx",
        label="Word",
        suffixes=(".docx", ".docm", ".dotx"),
        limit_bytes=_OFFICE_LIMIT_BYTES,
        reader="docx",
        folder="word/",
        contents="paragraphs, headings, tables, code",
        omits="headers, footers, footnotes; `.doc`; files with macros",
    )
    PACKAGE = Format(
        name="package",
        label="Zip",
        suffixes=(".zip",),
        limit_bytes=_ARCHIVE_LIMIT_BYTES,
        magic=(b"PK\x03\x04", b"PK\x05\x06"),
        contents="files of these formats, each with its own limit",
        omits=f"zip files in zip files; over {MEMBER_LIMIT:,} files or {UNPACKED_LIMIT_BYTES // 2**20} MB unpacked",
    )
    OLE = Format(
        name="ole",
        label="Old office files",
        suffixes=(".doc",),
        limit_bytes=_OFFICE_LIMIT_BYTES,
        magic=(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    )

    @property
    def suffix(self) -> str:
        """The usual end of a name, with its dot."""
        return self.row.suffixes[0]

    @property
    def is_text(self) -> bool:
        """Whether only the name tells the format: any file may be text."""
        return not (self.row.magic or self.row.folder)

    def reader(self) -> Reader:
        """Import the reader of the format; raises ImportError without its library."""
        return cast("Reader", import_module(f"{__package__}.{self.row.reader}"))


DOCUMENTS = tuple(kind for kind in Kind if kind.row.reader)
MEMBER_LIMIT_BYTES = max(kind.row.limit_bytes for kind in DOCUMENTS)
*_FIRST, _LAST = (kind.suffix for kind in DOCUMENTS)
READABLE = f"use {', '.join(_FIRST)} or {_LAST} files, or a {Kind.PACKAGE.suffix} of them"
SETTINGS = frozenset({".json", ".jsonl", ".yaml", ".yml", ".toml", ".ini", ".lock"})
_OTHER_FORMATS = (
    ".png .jpg .jpeg .gif .webp .svg .ico .bmp .tif .tiff .mp3 .mp4 .wav .ogg .flac .mov .avi .mkv "
    ".webm .gz .bz2 .xz .7z .rar .tar .tgz .exe .dll .so .pyc .o .a .class .jar .bin .dat .db "
    ".sqlite .sqlite3 .npy .npz .pt .onnx .safetensors .xls .xlsx .ppt .pptx .odt "
    ".ods .odp .epub .mobi .woff .woff2 .ttf .otf .css .js"
)
_READ = frozenset(suffix for kind in Kind for suffix in kind.row.suffixes)
_NOT_READ = SETTINGS.union(_OTHER_FORMATS.split()) - _READ
_PAGE_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html)\b", re.IGNORECASE)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_WORD = "WordDocument".encode("utf-16-le")


def why_not_read(suffix: str) -> str:
    """Say why files whose name ends with this lower-case suffix are never read; "" when they may be."""
    return f"files of type {suffix} are not read; {READABLE}" if suffix in _NOT_READ else ""


def kind_of(head: bytes, suffix: str) -> Kind:
    """Tell a file's kind from its first HEAD_BYTES bytes, then from the end of its name in lower case.

    >>> kind_of(b"%PDF-1.7", ".txt"), kind_of(b"# Title", ".md"), kind_of(b"<html>", ".pdf"), kind_of(b"abc", ".xyz")
    (<Kind.PDF: 'pdf'>, <Kind.MARKDOWN: 'markdown'>, <Kind.HTML: 'html'>, <Kind.TEXT: 'text'>)
    """
    for kind in Kind:
        if head.startswith(kind.row.magic):
            return kind
    named = next((kind for kind in Kind if suffix in kind.row.suffixes), Kind.TEXT)
    if named.row.has_preamble and any(magic in head for magic in named.row.magic):
        return named
    if named.is_text:
        return named
    # A name that promises another format: often a page that a server sent in place of the file.
    return Kind.HTML if _PAGE_START.match(head) else Kind.TEXT


def old_office(data: bytes, name: str) -> SourceError:
    """Return the error for a file in the old format of office programs: what it is, and what to do with it."""
    if _ENCRYPTED in data:
        return SourceError(f"{name} is locked with a password; remove the password in Word and add that.")
    if _OLD_WORD in data:
        return SourceError(f"{name} is an old Word file; save it as .docx and add that.")
    return SourceError(f"{name} is a file of an old office program; save it as .docx or .pdf and add that.")
