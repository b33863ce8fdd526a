"""Searches files for a person's id in the form in which SQLite stores it, in rows, free space and logs.

As a program it searches a database that another process has open: see `is_traced_in_use`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SIDECARS = ("-wal", "-shm", "-journal")
"""What SQLite appends to a database's name for the files that it keeps beside it."""

_BLOCK_BYTES = 2**20
_FROM_EIGHT_BYTES = 2**47
"""SQLite stores integers from here on in eight bytes (record format, serial type 6); Discord's ids are larger."""


def is_traced(path: Path, person: int) -> bool:
    """Return whether the bytes of a database or of its sidecars hold an id; True when the id is too short to tell."""
    files = [each for each in (path, *sidecars(path)) if each.exists()]
    if person < _FROM_EIGHT_BYTES:
        return bool(files)
    return any(_holds(file, person.to_bytes(8, "big")) for file in files)


def is_traced_in_use(path: Path, person: int) -> bool:
    """Say the same of a database that this process has open; True also when it cannot be told.

    Another process reads the files. Closing any descriptor of a file drops all POSIX locks that a process has on it,
    SQLite's too; the next program that closes the database would then delete the log that this process writes into.
    """
    command = [sys.executable, "-I", "-S", __file__, str(path)]
    done = subprocess.run(command, input=str(person), stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip() != "False"


def sidecars(path: Path) -> Iterator[Path]:
    """Name the files that SQLite may keep beside a database."""
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
