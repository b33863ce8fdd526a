"""Reads zip archives from untrusted sources: in memory only, with limits on files, sizes and ratios."""

from __future__ import annotations

import io
import re
import stat
import zipfile
from contextlib import suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from index.documents.formats.kinds import DOCUMENTS, MEMBER_LIMIT, SETTINGS, UNPACKED_LIMIT_BYTES, Kind, why_not_read
from index.documents.listing import PassedOver, Skipped, printable
from index.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zipfile import ZipFile, ZipInfo

# No document is packed tighter; deflate reaches 1,032 on what is all the same.
RATIO_LIMIT = 200
_RATIO_COUNTS_FROM_BYTES = 2**20
_PIECE_BYTES = 2**16
_DIRECTORY_ENTRY = b"PK\x01\x02"
_DRIVE = re.compile(r"[A-Za-z]:")


def open_archive(data: bytes, name: str) -> ZipFile:
    """Open an archive; raise SourceError when it is damaged or has more than MEMBER_LIMIT members."""
    # Counted before they are parsed: 100 MB of entries would take minutes and gigabytes.
    if data.count(_DIRECTORY_ENTRY) > 4 * MEMBER_LIMIT:
        raise _too_many(name)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:  # on hostile bytes zipfile raises whatever its parts raise
        raise SourceError(f"{name} is a damaged archive; pack it again.") from error
    if len(archive.infolist()) > MEMBER_LIMIT:
        raise _too_many(name)
    return archive


def _too_many(name: str) -> SourceError:
    return SourceError(f"{name} holds more than {MEMBER_LIMIT:,} files; pack them into several archives.")


def office_kind(archive: ZipFile, name: str) -> Kind:
    """Tell an office file from an archive of documents; raise SourceError for office files that are not read."""
    found = set(archive.namelist())
    if any(member.lower().endswith("vbaproject.bin") for member in found):
        raise SourceError(f"{name} holds macros; save it as .docx, without them, and add that.")
    if "mimetype" in found or "META-INF/container.xml" in found:
        raise SourceError(f"{name} is an e-book or an OpenDocument file; save it as .docx or .pdf and add that.")
    if "[Content_Types].xml" not in found:
        return Kind.PACKAGE
    kind = next((kind for kind in DOCUMENTS if kind.row.folder and _has(found, kind.row.folder)), None)
    if kind is None:
        raise SourceError(f"{name} is no text but another office file; save it as .pdf and add that.")
    if sum(info.file_size for info in archive.infolist()) > UNPACKED_LIMIT_BYTES:
        raise SourceError(f"{name} unpacks to more than {UNPACKED_LIMIT_BYTES // 2**20} MB; split it.")
    return kind


def _has(names: Iterable[str], folder: str) -> bool:
    return any(name.startswith(folder) for name in names)


class Room:
    """What is left to unpack, in bytes and members, of one archive or several."""

    def __init__(self) -> None:
        self.left_bytes = UNPACKED_LIMIT_BYTES
        self.left_members = MEMBER_LIMIT


def members(archive: ZipFile, limit_bytes: int, room: Room) -> Iterator[tuple[str, bytes] | Skipped]:
    """Yield name and bytes of each member that may be a document, in order of name, and the others as Skipped.

    `limit_bytes` is the limit of one member, `room` that of all. {"b.md", "a.png"} -> Skipped("a.png"), ("b.md", ...).
    """
    seen: set[str] = set()
    for info, name in sorted(_named(archive), key=lambda item: item[1]):
        room.left_members -= 1
        suffix = PurePosixPath(name).suffix.lower()
        # Not is_dir, which fails on a name that is empty or begins with a zero byte.
        if info.filename.endswith("/") or name.endswith("/") or suffix in SETTINGS:
            continue
        if passed := _passed_over(name):
            if passed.name not in seen:
                yield passed
        elif reason := _refused(info, name, suffix, seen):
            yield Skipped(printable(name), reason)
        else:
            try:
                yield name, _unpacked(archive, info, limit_bytes, room)
            except SourceError as error:
                yield Skipped(printable(name), str(error))
        seen.add(passed.name if passed else name)


def _named(archive: ZipFile) -> Iterator[tuple[ZipInfo, str]]:
    """Yield each member with its name; a name that claims to be in an old code page is mostly UTF-8."""
    for info in archive.infolist():
        name = info.orig_filename
        if not info.flag_bits & 0x800:
            with suppress(UnicodeError):
                name = name.encode("cp437").decode("utf-8")
        yield info, name


def _passed_over(name: str) -> PassedOver | None:
    """Return why a member is ignored that a system adds for itself; None for all others."""
    parts = name.split("/")
    if parts[0] == "__MACOSX":
        return PassedOver(parts[0], "it is what macOS adds to an archive")
    if any(part.startswith(".") and part.strip(".") for part in parts):
        return PassedOver(printable(name), "hidden files are not read")
    return None


def _refused(info: ZipInfo, name: str, suffix: str, seen: set[str]) -> str:
    """Return why a member is not read; "" when it may be."""
    mode = info.external_attr >> 16
    if not name.strip("\x00"):
        return "it has no name; pack it again"
    if "\\" in name:
        return "its name holds a backslash; pack it again with another program"
    if name.startswith("/") or _DRIVE.match(name) or ".." in PurePosixPath(name).parts:
        return "its name leads out of the archive; pack it again"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "it is a link or a device; put the file itself into the archive"
    if info.flag_bits & 1:
        return "it is encrypted; pack it again without a password"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is packed by a method that is not read; pack it again as a plain zip"
    if name in seen:
        return "the archive holds an earlier file of that name; rename one of them"
    if suffix in Kind.PACKAGE.row.suffixes:
        return "an archive in an archive is not opened; unpack it first"
    return why_not_read(suffix)


def _unpacked(archive: ZipFile, info: ZipInfo, limit_bytes: int, room: Room) -> bytes:
    """Unpack a member into memory; raise SourceError with a reason as soon as it exceeds a limit."""
    pieces, size = [], 0
    try:
        with archive.open(info) as file:
            while piece := file.read(_PIECE_BYTES):
                pieces.append(piece)
                size += len(piece)
                room.left_bytes -= len(piece)
                if reason := _too_much(info, size, limit_bytes, room):
                    raise SourceError(reason)
    except SourceError:
        raise
    except Exception as error:  # on hostile bytes zipfile raises whatever its parts raise
        raise SourceError("it is damaged; pack it again") from error
    return b"".join(pieces)


def _too_much(info: ZipInfo, size: int, limit_bytes: int, room: Room) -> str:
    if size > max(_RATIO_COUNTS_FROM_BYTES, RATIO_LIMIT * info.compress_size):
        return f"it unpacks to more than {RATIO_LIMIT} times its size, which no document does"
    if size > limit_bytes:
        return f"it unpacks to more than {limit_bytes // 2**20} MB, the limit of one file; split it"
    if room.left_bytes < 0:
        return f"the archive unpacks to more than {UNPACKED_LIMIT_BYTES // 2**20} MB; pack it into several archives"
    return ""
