"""Turns a PDF into the text its reader sees: flowing paragraphs, headings by their looks, and where pages start."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from pypdf import PasswordType, PdfReader
from pypdf.errors import DependencyError

from index.errors import SourceError
from index.formats.pdf_columns import Line
from index.formats.pdf_lines import lines_of
from index.formats.pdf_paragraphs import Paragraph, paragraphs_of
from index.formats.pdf_running import without_running_lines
from index.formats.reading import Composer, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNKNOWN_AT_MOST = 0.2  # of the letters, those of which a font only tells the shape


def read_pdf(data: bytes, name: str) -> Reading:
    """Read the text of all pages; raise SourceError for what is locked, damaged or only pictures."""
    reader = _opened(data, name)
    pages: list[list[Line]] = []
    unread: list[int] = []
    for number, page in enumerate(reader.pages, 1):
        try:
            pages.append(lines_of(page, number))
        except MemoryError:
            raise
        except Exception:  # on hostile bytes pypdf raises whatever its parts raise
            pages.append([])
            unread.append(number)
    shown = "".join(line.text for lines in pages for line in lines)
    if shown.count("\ufffd") > _UNKNOWN_AT_MOST * len(shown):
        raise SourceError(f"{name} does not say which letters it shows; have its text recognised (OCR) and add that.")
    if not re.search(r"\w", shown):
        if unread:
            raise _damaged(name)
        if not pages:
            raise SourceError(f"{name} holds no pages; save it again and add that.")
        raise SourceError(f"{name} holds no text; if it was scanned, have its text recognised (OCR) and add that.")
    return _composed(paragraphs_of(without_running_lines(pages)), len(pages), _named(reader), unread)


def _opened(data: bytes, name: str) -> PdfReader:
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            raise SourceError(f"{name} is locked with a password; save a copy without one and add that.")
        len(reader.pages)
    except (MemoryError, SourceError):
        raise
    except DependencyError as error:
        raise SourceError(f"{name} is encrypted; print it into a new PDF and add that.") from error
    except Exception as error:  # on hostile bytes pypdf raises whatever its parts raise
        raise _damaged(name) from error
    return reader


def _damaged(name: str) -> SourceError:
    return SourceError(f"{name} is a damaged PDF; open it, print it into a new one and add that.")


def _named(reader: PdfReader) -> str:
    """Give the title a PDF says it has; "" when it says none or cannot say it."""
    try:
        metadata = reader.metadata
        return " ".join(str(metadata.get("/Title") or "").split()) if metadata else ""
    except MemoryError:
        raise
    except Exception:  # on hostile bytes pypdf raises whatever its parts raise
        return ""


def _composed(paragraphs: Sequence[Paragraph], page_count: int, named: str, unread: Sequence[int]) -> Reading:
    composer = Composer()
    starts: dict[int, int] = {}
    for paragraph in paragraphs:
        at = composer.add(paragraph.text, level=paragraph.level, tight=paragraph.tight)
        for page, offset in paragraph.pages:
            starts.setdefault(page, at + offset)
    text = composer.text
    pages = [len(text)] * page_count
    following = len(text)
    for page in range(page_count, 0, -1):
        # A page without text of its own starts where the next one does.
        following = pages[page - 1] = min(starts.get(page, following), following)
    pages[0] = 0
    return Reading(_title(paragraphs, named, text), text, tuple(composer.headings), tuple(pages), tuple(unread))


def _title(paragraphs: Sequence[Paragraph], named: str, text: str) -> str:
    """Take the title that the file names where its first words bear it out, else its largest heading there."""
    if named and _bare(named) in _bare(text[:3000]):
        return named
    first = [paragraph for paragraph in paragraphs if paragraph.level == 1 and paragraph.pages[0][0] == 1]
    return first[0].text if first else ""


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
