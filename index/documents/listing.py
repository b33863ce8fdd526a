"""Lists the files that may be documents, with ids that are unique, printable and at most ID_LIMIT long."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from index.documents.formats.kinds import SETTINGS, why_not_read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ID_LIMIT = 200
_HASH_DIGITS = 12
# Controls, line ends and marks of direction.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class PassedOver(Skipped):
    """A file that is left out without loss: a duplicate, or one that a system keeps for itself."""


def listed(paths: Sequence[Path]) -> tuple[list[tuple[Path, str]], list[Skipped]]:
    """Return files and all files below folders, in order of name, each once with its id; and those not to be read."""
    found: list[tuple[Path, str]] = []
    skipped: list[Skipped] = []
    for path in paths:
        try:
            found += _folder(path, skipped) if path.is_dir() else [(path, path.name)]
        except (OSError, ValueError) as error:
            skipped.append(Skipped(printable(str(path)), said(error)))
    return _distinct(found), skipped


def _folder(root: Path, skipped: list[Skipped]) -> list[tuple[Path, str]]:
    """Return the files of a folder that may be documents, sorted, without hidden files and settings."""
    home = root.resolve()
    found: list[tuple[Path, str]] = []

    def unreadable(error: OSError) -> None:
        skipped.append(Skipped(printable(os.path.relpath(error.filename or root, root)), said(error)))

    for folder, folders, names in os.walk(root, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = Path(folder, name)
            id = path.relative_to(root).as_posix()
            suffix = path.suffix.lower()
            if name.startswith(".") or suffix in SETTINGS:
                continue
            if reason := why_not_read(suffix):
                skipped.append(Skipped(printable(id), reason))
            elif path.is_symlink() and not _inside(path, home):
                skipped.append(Skipped(printable(id), "it is a link that leaves the folder"))
            else:
                found.append((path, id))
    return sorted(found, key=lambda item: os.fsencode(item[1]))


def _inside(path: Path, home: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(home)
    except (OSError, RuntimeError):
        return False


def _distinct(found: Sequence[tuple[Path, str]]) -> list[tuple[Path, str]]:
    """Drop files given twice and make every id unique, whatever the order of the sources.

    Files that share an id get as many of their folders in front of it as make it unique:

        one/a.txt -> a.txt, two/a.txt -> a.txt   become   one/a.txt, two/a.txt
    """
    unique: dict[str, tuple[Path, str]] = {}  # by absolute path, in the order given
    for path, id in found:
        unique.setdefault(os.path.abspath(path), (path, printable(id)))
    counts = Counter(id for _, id in unique.values())
    taken = {id for id, count in counts.items() if count == 1}
    longer: dict[str, str] = {}
    for absolute in sorted(absolute for absolute, (_, id) in unique.items() if counts[id] > 1):
        ids = _longer(absolute, unique[absolute][1])
        longer[absolute] = next(id for id in ids if id not in taken and id not in counts)
        taken.add(longer[absolute])
    return [(path, longer.get(absolute, id)) for absolute, (path, id) in unique.items()]


def _longer(absolute: str, id: str) -> Iterator[str]:
    """Yield longer ids for a file: `b/a.txt`, `c/b/a.txt` and so on up to the root, then with a `~` more each time."""
    parts = PurePosixPath(printable(Path(absolute).as_posix())).parts
    for depth in range(len(PurePosixPath(id).parts) + 1, len(parts)):
        id = "/".join(parts[-depth:])
        yield id
    while True:
        id += "~"
        yield id


def printable(name: str) -> str:
    r"""Replace undecodable bytes and control characters of a file name by U+FFFD: "a\x1bb" -> "a�b"."""
    encoded = _NO_BYTE.sub("\ufffd", name).encode("utf-8", "surrogateescape")
    return _UNPRINTABLE.sub("\ufffd", encoded.decode("utf-8", "replace"))


def shortened(id: str) -> str:
    """Shorten an id of more than ID_LIMIT characters, with a hash in the middle that keeps it unique."""
    if len(id) <= ID_LIMIT:
        return id
    digits = hashlib.sha256(id.encode("utf-8")).hexdigest()[:_HASH_DIGITS]
    end = id[-ID_LIMIT // 4 :]
    return f"{id[: ID_LIMIT - len(end) - _HASH_DIGITS - 2]}~{digits}~{end}"


def said(error: Exception) -> str:
    """Return why the system cannot open a file, as a part of a sentence."""
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case PermissionError():
            return "you have no permission to read it"
        case OSError(strerror=str(reason)):
            return reason[:1].lower() + reason[1:]
        case _:
            return "its name is not one the system accepts"
