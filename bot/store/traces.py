"""Searches the bytes of database files for a person's id: in rows, free space and logs.

Run as a program by `is_traced_in_use`, for a database that is in use.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SIDECARS = ("-wal", "-shm", "-journal")
"""What SQLite appends to a database's name for its other files."""

_BLOCK_BYTES = 2**20
_FROM_EIGHT_BYTES = 2**47
"""From here on SQLite stores integers in eight bytes (record format, serial type 6); Discord's ids are larger."""


def is_traced(path: Path, person: int) -> bool:
    """Return whether the bytes of a database or of its sidecars hold an id; True when the id is too short to tell."""
    files = [each for each in (path, *sidecars(path)) if each.exists()]
    if person < _FROM_EIGHT_BYTES:
        return bool(files)
    return any(_holds(file, person.to_bytes(8, "big")) for file in files)


def is_traced_in_use(path: Path, person: int) -> bool:
    """Like `is_traced`, for a database that this process has open; True also when the search fails.

    Another process reads the files: closing a descriptor of a file drops all POSIX locks of the process on it, SQLite's
    too, and the next program that closes the database would delete the log that this process writes.
    """
    command = [sys.executable, "-I", "-S", __file__, str(path)]
    done = subprocess.run(command, input=str(person), stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip() != "False"


def sidecars(path: Path) -> Iterator[Path]:
    """Yield the paths of the files that SQLite may keep beside a database."""
    return (path.with_name(path.name + suffix) for suffix in SIDECARS)


def _holds(file: Path, wanted: bytes) -> bool:
    overlap = b""
    try:
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                if wanted in overlap + block:
                    return True
                overlap = block[-len(wanted) + 1 :]
    except FileNotFoundError:  # SQLite has removed it since
        pass
    return False


if __name__ == "__main__":
    print(is_traced(Path(sys.argv[1]), int(sys.stdin.read())))
