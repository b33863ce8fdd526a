"""The disk that libraries are written to: errors as sentences, and how much all servers take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.libraries.paths import SERVERS
from index.errors import RoomError


@contextmanager
def disk_errors_explained() -> Iterator[None]:
    """Raise RoomError, with a sentence for the person who asked for the change, in place of an OSError."""
    try:
        yield
    except OSError as error:
        raise RoomError(
            f"The library cannot be written ({error.strerror}). Whoever runs the tutor has to make room or mend its "
            "rights; what is in use is untouched."
        ) from error


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Make a folder, and raise RoomError, with a sentence for the operator, in place of an OSError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise RoomError(
            f"The data folder {folder} cannot be written ({error.strerror}). Make room or mend its rights; "
            "the library in use is untouched."
        ) from error


def servers_bytes(data: Path) -> int:
    """Return how many bytes the libraries of all servers take on the disk; hard links to one file count once."""
    sizes: dict[tuple[int, int], int] = {}
    for folder, _, names in os.walk(data / SERVERS):
        for name in names:
            try:
                found = os.stat(os.path.join(folder, name), follow_symlinks=False)
            except FileNotFoundError:  # deleted by a build that goes on
                continue
            sizes[found.st_dev, found.st_ino] = found.st_size
    return sum(sizes.values())
