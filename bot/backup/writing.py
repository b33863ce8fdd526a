"""Writes the zip file of a backup: each file hashed on its way in, the manifest and the seal last."""

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
# The same files give the same archive: no member knows when it was changed, or whose it was.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = stat.S_IFREG | 0o600


class Writer:
    """Takes one file after the other; `members` are those that are in."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: dict[str, Member] = {}

    def add(self, name: str, source: IO[bytes], size_bytes: int) -> str:
        """Put a file into the archive as it is read; gives its sha256."""
        digest, written = hashlib.sha256(), 0
        with self._archive.open(entry(name), "w", force_zip64=size_bytes > _BEFORE_ZIP64) as member:
            while block := source.read(_BLOCK):
                digest.update(block)
                written += len(block)
                member.write(block)
        self.members[name] = Member(bytes=written, sha256=digest.hexdigest())
        return digest.hexdigest()

    def add_text(self, name: str, text: str) -> None:
        """Put a short text into the archive."""
        content = text.encode()
        self.add(name, io.BytesIO(content), len(content))


def entry(name: str) -> zipfile.ZipInfo:
    """Describe a plain file that only its owner may read."""
    info = zipfile.ZipInfo(name, _NO_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # Unix, whatever this is
    info.external_attr = _MODE << 16
    return info


@contextmanager
def writing(path: Path, said: Manifest) -> Iterator[Writer]:
    """Give a writer of a backup; when the block has ended well, the file is sealed and on the disk."""
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
