"""Reads files as they are in the wild; the text read here is the source of truth for every offset."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from index.decoding import decode
from index.errors import SourceError
from index.formats import Reading, read_html, read_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT_BYTES = 20 * 2**20
_MARKDOWN = frozenset({".md", ".markdown"})
_HTML = frozenset({".html", ".htm"})
_SETTINGS = frozenset({".json", ".jsonl", ".yaml", ".yml", ".toml", ".ini", ".lock"})
_NOT_READ_NAMES = (
    ".png .jpg .jpeg .gif .webp .svg .ico .bmp .tif .tiff .mp3 .mp4 .wav .ogg .flac .mov .avi .mkv "
    ".webm .zip .gz .bz2 .xz .7z .rar .tar .tgz .exe .dll .so .pyc .o .a .class .jar .bin .dat .db "
    ".sqlite .sqlite3 .npy .npz .pt .onnx .safetensors .pdf .doc .docx .xls .xlsx .ppt .pptx .odt "
    ".ods .epub .mobi .woff .woff2 .ttf .otf .css .js"
)
_NOT_READ = frozenset(_NOT_READ_NAMES.split())
_READABLE = "use .txt, .md or .html files"


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of code points in a document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that the format itself names; level 1 is the highest."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Document:
    """One source: text is what a quote is cut from, sha256 is that of the text as UTF-8."""

    id: str
    title: str
    text: str
    sha256: str
    headings: tuple[Heading, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is no document, and why."""

    name: str
    reason: str


def read_document(path: Path, id: str) -> Document:
    """Read one file; raise SourceError with a sentence when it cannot be one of the documents."""
    name = _printable(path.name)
    suffix = path.suffix.lower()
    if suffix in _NOT_READ | _SETTINGS:
        raise SourceError(f"{name}: files of type {suffix} are not read; {_READABLE}.")
    data = _read_bytes(path, name)
    if suffix in _HTML:
        reading = read_html(data, name)
    elif suffix in _MARKDOWN:
        reading = read_markdown(decode(data, name))
    else:
        reading = Reading("", decode(data, name))
    if not re.search(r"\w", reading.text):
        raise SourceError(f"{name} holds no text; add a document with at least one sentence.")
    return Document(
        id=id,
        title=_clean_title(reading.title) or _title(reading.text, path),
        text=reading.text,
        sha256=hashlib.sha256(reading.text.encode("utf-8")).hexdigest(),
        headings=tuple(Heading(*heading) for heading in reading.headings),
    )


def read_sources(paths: Sequence[Path]) -> tuple[list[Document], list[Skipped]]:
    """Read files and folders (all below, in order of name); what cannot be read is skipped with a reason.

    Raises SourceError when no document is left.
    """
    found: list[tuple[Path, str]] = []
    skipped: list[Skipped] = []
    for path in paths:
        try:
            found += _folder(path, skipped) if path.is_dir() else [(path, path.name)]
        except OSError as error:
            skipped.append(Skipped(_printable(str(path)), _reason(error)))
    documents = []
    for path, id in _distinct(found):
        try:
            documents.append(read_document(path, id))
        except SourceError as error:
            skipped.append(Skipped(id, str(error)))
    if not documents:
        raise SourceError(_nothing_left(paths, skipped))
    return documents, skipped


def _nothing_left(paths: Sequence[Path], skipped: Sequence[Skipped]) -> str:
    if len(paths) == 1 and len(skipped) == 1 and not paths[0].is_dir():
        return skipped[0].reason
    places = ", ".join(_printable(str(path)) for path in paths) or "an empty list of sources"
    why = f" ({skipped[0].reason.rstrip('.')})" if skipped else ""
    return f"No document can be read in {places}{why}; {_READABLE}."


def _folder(root: Path, skipped: list[Skipped]) -> list[tuple[Path, str]]:
    """List the files of a folder that may be documents, sorted; hidden files and settings are passed over."""
    home = root.resolve()
    found: list[tuple[Path, str]] = []

    def unreadable(error: OSError) -> None:
        skipped.append(Skipped(_printable(os.path.relpath(error.filename or root, root)), _reason(error)))

    for folder, folders, names in os.walk(root, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = Path(folder, name)
            id = path.relative_to(root).as_posix()
            suffix = path.suffix.lower()
            if name.startswith(".") or suffix in _SETTINGS:
                continue
            if suffix in _NOT_READ:
                skipped.append(Skipped(_printable(id), f"files of type {suffix} are not read; {_READABLE}"))
            elif path.is_symlink() and not _inside(path, home):
                skipped.append(Skipped(_printable(id), "it is a link that leaves the folder"))
            else:
                found.append((path, id))
    return sorted(found, key=lambda item: os.fsencode(item[1]))


def _inside(path: Path, home: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(home)
    except (OSError, RuntimeError):
        return False


def _distinct(found: Sequence[tuple[Path, str]]) -> list[tuple[Path, str]]:
    """Drop files given twice and make every id unique, whatever the order of the sources."""
    unique: dict[str, tuple[Path, str]] = {}
    for path, id in found:
        unique.setdefault(os.path.abspath(path), (path, _printable(id)))
    shared = Counter(id for _, id in unique.values())
    result: dict[Path, str] = {}
    taken: set[str] = {id for id, count in shared.items() if count == 1}
    for absolute in sorted(unique):
        path, id = unique[absolute]
        if shared[id] > 1:
            parts = PurePosixPath(_printable(Path(absolute).as_posix())).parts
            depth = len(PurePosixPath(id).parts) + 1
            while id in taken or shared[id] > 1:
                id, depth = ("/".join(parts[-depth:]), depth + 1) if depth < len(parts) else (id + "~", depth)
            taken.add(id)
        result[path] = id
    return [(path, result[path]) for path, _ in unique.values()]


def _read_bytes(path: Path, name: str) -> bytes:
    """Read a regular file of at most LIMIT_BYTES; its size is looked at first."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise SourceError(f"{name} is a folder; name a file in it.")
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(f"{name} is not a regular file; copy what it holds into one.")
        if status.st_size > LIMIT_BYTES:
            raise _too_large(name, status.st_size)
        with path.open("rb") as file:
            data = file.read(LIMIT_BYTES + 1)
    except (OSError, ValueError) as error:
        raise SourceError(f"{name} cannot be read: {_reason(error)}.") from error
    if len(data) > LIMIT_BYTES:
        raise _too_large(name, len(data))
    return data


def _too_large(name: str, size: int) -> SourceError:
    megabytes = f"{size / 2**20:.0f} MB"
    return SourceError(
        f"{name} has {megabytes}, and {LIMIT_BYTES // 2**20} MB is the limit; split it into smaller files."
    )


def _reason(error: Exception) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case PermissionError():
            return "you have no permission to read it"
        case OSError(strerror=str(reason)):
            return reason[:1].lower() + reason[1:]
        case _:
            return "its name is not one the system accepts"


def _printable(name: str) -> str:
    """Make a file name safe to store and print: undecodable bytes and control characters are replaced."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "\ufffd", os.fsencode(name).decode("utf-8", "replace"))


_HASH = re.compile(r"(?:[0-9a-f]{32,}|[0-9A-F]{32,})")


def _clean_title(line: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in _HASH.sub("", line))
    return " ".join(line.split())[:200]


def _title(text: str, path: Path) -> str:
    """Name a document by its first line when that looks like a title, else by the name of its file."""
    first = _clean_title((re.search(r"[^\r\n]*\w[^\r\n]*", text) or [""])[0][:1000])
    if 2 <= len(first) <= 120 and not first.endswith((".", ",", ";", ":", "\u3002", "\uff0c")):
        return first.lstrip("# ") or first
    return " ".join(re.sub(r"[-_.]+", " ", _printable(path.stem)).split()) or _printable(path.name)
