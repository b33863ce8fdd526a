"""Loads a file into memory after checking its type and its size."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.documents.formats.kinds import HEAD_BYTES, Kind, kind_of, why_not_read
from index.documents.listing import printable, said
from index.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Loaded:
    """The bytes of a file and their kind."""

    data: bytes
    kind: Kind


def load(path: Path) -> Loaded:
    """Load a regular file; raise SourceError when it cannot be read or exceeds the limit of its kind."""
    name, suffix = printable(path.name), path.suffix.lower()
    if reason := why_not_read(suffix):
        raise SourceError(f"{name}: {reason}.")
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(f"{name} is not a regular file; copy what it holds into one.")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            kind = kind_of(head, suffix)
            check_size(status.st_size, kind, name)
            # Not up to the limit, for which memory would be reserved.
            data = head + file.read(max(status.st_size - len(head), 0))
    except (OSError, ValueError) as error:
        raise SourceError(f"{name} cannot be read: {said(error)}.") from error
    check_size(len(data), kind, name)
    return Loaded(data, kind)


def check_size(size_bytes: int, kind: Kind, name: str) -> None:
    """Raise SourceError when a file is larger than files of its kind may be."""
    limit = kind.row.limit_bytes
    if size_bytes > limit:
        sizes = f"{name} has {size_bytes / 2**20:.0f} MB, and {limit // 2**20} MB is the limit"
        raise SourceError(f"{sizes}; split it into smaller files.")
