"""Reads files, folders and archives to Documents. Every offset of the program refers to the text made here."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from index.documents.archives import members, office_kind, open_archive
from index.documents.budget import Budget
from index.documents.decoding import UNKNOWN_AT_MOST, UNKNOWN_LETTERS, decode, unknown_share
from index.documents.formats.kinds import HEAD_BYTES, MEMBER_LIMIT_BYTES, READABLE, Kind, kind_of, old_office
from index.documents.formats.reading import Reading
from index.documents.formats.text_pages import without_page_breaks
from index.documents.language import language_of
from index.documents.listing import PassedOver, Skipped, listed, printable, shortened
from index.documents.loading import check_size, load
from index.documents.sandbox import TEXT_LIMIT_CHARACTERS, Sandbox
from index.documents.titles import clean_line, title_of
from index.errors import LengthError, ReaderError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zipfile import ZipFile

__all__ = ["Document", "Heading", "Skipped", "read_sources"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that the format names: offsets of its text, level from 1 (highest) on."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Document:
    """A text that quotes are cut from; sha256 is that of the text as UTF-8.

    `pages` are the offsets where pages start, the first 0, ascending; () for formats without pages. `author` and `date`
    are what the properties of the file name, "" where they name none. `language` is an ISO 639 code, "" when unclear.
    `code` are the ranges, ascending, that the format names code.
    """

    id: str
    title: str
    text: str
    sha256: str
    headings: tuple[Heading, ...] = ()
    pages: tuple[int, ...] = ()
    author: str = ""
    date: str = ""
    language: str = ""
    code: tuple[tuple[int, int], ...] = ()

    def page_at(self, offset: int) -> int | None:
        """Return the number, from 1, of the page of an offset; None without pages."""
        return bisect_right(self.pages, offset) if self.pages else None


def read_sources(
    paths: Sequence[Path], *, strict: bool = False, budget: Budget | None = None
) -> tuple[list[Document], list[Skipped]]:
    """Read files, folders with all below, in order of name, and archives; skip what cannot be read, with a reason.

    The id of a document is its path in the folder or archive: notes/ with a.md and b.zip with c.md in it -> "a.md",
    "b.zip/c.md". Raises SourceError when there is no document or, if `strict`, when any file cannot be read, naming
    all; BudgetError as soon as more is read than `budget` allows.
    """
    budget = budget or Budget()
    files, skipped = listed(paths)
    for _, id in files:
        budget.replace(shortened(id))
    documents: list[Document] = []
    passed_over: list[Skipped] = []
    first_of: dict[str, str] = {}
    taken: set[str] = set()
    with Sandbox() as sandbox:
        reader = _Reader(sandbox, budget)
        for path, id in files:
            for found in _read(path, id, reader):
                if isinstance(found, PassedOver):
                    passed_over.append(found)
                elif isinstance(found, Skipped):
                    skipped.append(found)
                elif (same := first_of.setdefault(found.sha256, found.id)) != found.id:
                    passed_over.append(PassedOver(found.id, f"it holds the same text as {same}"))
                else:
                    document = _apart(found, taken)
                    budget.spend(document)
                    documents.append(document)
    if strict and skipped:
        raise SourceError(_all_of(skipped))
    if not documents:
        raise SourceError(_nothing_left(paths, skipped))
    return documents, [*skipped, *passed_over]


def _apart(document: Document, taken: set[str]) -> Document:
    """Make the id unique: a file may have the same one as a member of an archive."""
    id = document.id
    while id in taken:
        id += "~"
    taken.add(id)
    return document if id == document.id else replace(document, id=id)


def _all_of(skipped: Sequence[Skipped]) -> str:
    count = "1 file" if len(skipped) == 1 else f"{len(skipped):,} files"
    named = ", ".join(f"{item.name} ({item.reason.rstrip('.')})" for item in skipped)
    return f"{count} cannot be read: {named}. Mend or leave out what is named."


def _nothing_left(paths: Sequence[Path], skipped: Sequence[Skipped]) -> str:
    if len(paths) == 1 and len(skipped) == 1 and skipped[0].name == printable(paths[0].name):
        return skipped[0].reason
    places = ", ".join(printable(str(path)) for path in paths) or "an empty list of sources"
    why = f" ({skipped[0].reason.rstrip('.')})" if skipped else ""
    return f"No document can be read in {places}{why}; {READABLE}."


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the bytes of files within a budget, in the sandbox all but plain text in UTF-8."""

    sandbox: Sandbox
    budget: Budget

    def archive(self, data: bytes, name: str) -> tuple[Kind, ZipFile]:
        """Open a zip file and tell its kind; the unpacked size of an office file counts at once."""
        archive = open_archive(data, name)
        kind = office_kind(archive, name)
        if kind is not Kind.PACKAGE:
            self.budget.unpacked(sum(info.file_size for info in archive.infolist()))
        return kind, archive

    def read(self, data: bytes, kind: Kind, name: str) -> Reading:
        """Return the text of a file. Raises SourceError if it cannot be read, BudgetError if it is too long."""
        if kind is Kind.TEXT:
            self.budget.check_bytes(len(data), name)
            if _is_utf8(data):
                return Reading("", without_page_breaks(decode(data, name)))
        most = self.budget.characters_left(TEXT_LIMIT_CHARACTERS)
        try:
            reading = self.sandbox.read(data, kind, name, most)
        except LengthError:
            self.budget.check(most + 1, name)
            raise
        except ReaderError:
            self.budget.failed(name)
            raise
        self.budget.succeeded()
        return reading


def _is_utf8(data: bytes) -> bool:
    """Whether no encoding has to be guessed: that is too much code for untrusted bytes in this process."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _read(path: Path, id: str, reader: _Reader) -> Iterator[Document | Skipped]:
    """Yield the document in a file or those in an archive, and what is skipped."""
    name = printable(path.name)
    try:
        file = load(path)
        kind, archive = file.kind, None
        if kind is Kind.PACKAGE:
            kind, archive = reader.archive(file.data, name)
    except SourceError as error:
        yield Skipped(shortened(id), str(error))
        return
    if archive is not None and kind is Kind.PACKAGE:
        yield from _members(archive, id, name, reader)
    else:
        yield from _document(file.data, kind, id, name, reader)


def _members(archive: ZipFile, id: str, name: str, reader: _Reader) -> Iterator[Document | Skipped]:
    empty = True
    for found in members(archive, MEMBER_LIMIT_BYTES, reader.budget.room()):
        empty = False
        reader.budget.unpacked()
        if isinstance(found, Skipped):
            yield replace(found, name=shortened(f"{id}/{found.name}"))
            continue
        member, data = found
        member_id, member_name = f"{id}/{printable(member)}", shortened(printable(PurePosixPath(member).name))
        try:
            kind = kind_of(data[:HEAD_BYTES], PurePosixPath(member).suffix.lower())
            if kind is Kind.PACKAGE:
                kind, _ = reader.archive(data, member_name)
            if kind is Kind.PACKAGE:
                raise SourceError(f"{member_name} is an archive in an archive; unpack it first.")
        except SourceError as error:
            yield Skipped(shortened(member_id), str(error))
        else:
            yield from _document(data, kind, member_id, member_name, reader)
    if empty:
        yield Skipped(id, f"{name} holds no document; {READABLE}.")


def _document(data: bytes, kind: Kind, id: str, name: str, reader: _Reader) -> Iterator[Document | Skipped]:
    """Yield the document in the bytes of a file, and a Skipped for damaged pages."""
    id = shortened(id)
    try:
        if kind is Kind.OLE:
            raise old_office(data, name)
        check_size(len(data), kind, name)
        reading = reader.read(data, kind, name)
        if not re.search(r"\w", reading.text):
            raise SourceError(f"{name} holds no text; add a document with at least one sentence.")
        if unknown_share(reading.text) > UNKNOWN_AT_MOST:
            raise SourceError(f"{name} {UNKNOWN_LETTERS}")
    except SourceError as error:
        yield Skipped(id, str(error))
        return
    yield Document(
        id=id,
        title=title_of(reading, name),
        text=reading.text,
        sha256=hashlib.sha256(reading.text.encode("utf-8")).hexdigest(),
        headings=tuple(Heading(*heading) for heading in reading.headings),
        pages=reading.pages,
        author=clean_line(reading.author),
        date=clean_line(reading.date),
        language=language_of(reading.text),
        code=reading.code,
    )
    if reading.unread_pages:
        pages = ", ".join(map(str, reading.unread_pages))
        yield Skipped(
            id, f"of {name} these pages cannot be read and are left out: {pages}; have their text recognised (OCR)"
        )
