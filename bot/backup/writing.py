"""Writes the zip file of a backup: files are hashed as they are added, manifest and checksum come last."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from bot.backup.checksum import OPEN, write_checksum
from bot.backup.manifest import FILE, Manifest, Member

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK = 2**20
_BEFORE_ZIP64 = 2**31 - 1
# No times and owners of files, so that the same files give the same archive.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = stat.S_IFREG | 0o600


class Writer:
    """Adds files to the archive; `members` are the added ones by name."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, Member] = {}

    def add(self, name: str, source: IO[bytes], size_bytes: int) -> str:
        """Add a file as it is read; returns its SHA-256."""
        digest, written = hashlib.sha256(), 0
        with self._archive.open(entry(name), "w", force_zip64=size_bytes > _BEFORE_ZIP64) as member:
            while block := source.read(_BLOCK):
                digest.update(block)
                written += len(block)
                member.write(block)
        self.members[name] = Member(bytes=written, sha256=digest.hexdigest())
        return digest.hexdigest()

    def add_text(self, name: str, text: str) -> None:
        """Add a text file."""
        content = text.encode()
        self.add(name, io.BytesIO(content), len(content))


def entry(name: str) -> zipfile.ZipInfo:
    """Return the zip entry of a regular file with mode 0600."""
    info = zipfile.ZipInfo(name, _NO_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # Unix, whatever this is
    info.external_attr = _MODE << 16
    return info


@contextmanager
def writing(path: Path, said: Manifest) -> Iterator[Writer]:
    """Open a writer of a backup; after the block without an error, the file has its checksum and is synced."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w+b") as stream:
        with zipfile.ZipFile(stream, "w") as archive:
            archive.comment = OPEN
            writer = Writer(archive)
            yield writer
            whole = said.model_copy(update={"members": dict(sorted(writer.members.items()))})
            archive.writestr(entry(FILE), whole.model_dump_json(indent=1))
        write_checksum(stream)
        stream.flush()
        os.fsync(stream.fileno())
