"""Opens a backup from an untrusted source: everything in it is verified before it is used."""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from pydantic import ValidationError

from bot.backup.checksum import verify_checksum
from bot.backup.manifest import FILE, FORMAT, Form, Manifest, Member
from bot.errors import BackupError
from index.generations.durable import sync
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_MEMBERS = 100_000
MOST_BYTES = 64 * 2**30
_MOST_SAID = 64 * 2**20
_BLOCK = 2**20
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, UnicodeError)
"""What zipfile raises on a file that only looks like a backup."""


class Backup:
    """An open backup, verified to be complete and to hold only allowed names; `said` is its manifest."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, said: Manifest) -> None:
        self._path = path
        self._archive = archive
        self.said = said

    def unpack(self, folder: Path) -> None:
        """Write every file below a new folder and sync it; raises BackupError and OSError.

        Each file is hashed again, and none can become larger than the manifest says.
        """
        folder.mkdir(mode=0o700)
        made = {folder}
        for name, member in self.said.members.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            made.update(parent for parent in target.parents if parent.is_relative_to(folder))
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                self._write(name, member, stream)
                stream.flush()
                os.fsync(stream.fileno())
        for each in made:
            sync(each)

    def _write(self, name: str, member: Member, stream: IO[bytes]) -> None:
        digest, left = hashlib.sha256(), member.bytes
        try:
            with self._archive.open(name) as source:
                while block := source.read(min(_BLOCK, left + 1)):
                    left -= len(block)
                    if left < 0:
                        break
                    digest.update(block)
                    stream.write(block)
        except _BROKEN:
            left = -1
        if left or digest.hexdigest() != member.sha256:
            raise BackupError(words("backup.altered", path=self._path))


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """Open a backup and verify that it is complete; raises BackupError."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise BackupError(words("backup.unreadable", path=path, reason=error.strerror)) from error
    with stream:
        verify_checksum(stream, path)
        try:
            archive = zipfile.ZipFile(stream)
        except _BROKEN as error:
            raise BackupError(words("backup.altered", path=path)) from error
        with archive:
            yield Backup(path, archive, _checked(archive, path))


def _checked(archive: zipfile.ZipFile, path: Path) -> Manifest:
    """Compare the names in a zip file with its manifest, and the manifest with the limits; raises BackupError."""
    entries = archive.infolist()
    if len(entries) > MOST_MEMBERS:
        raise BackupError(words("backup.too_large", path=path))
    said = _manifest(archive, path)
    names = [entry.filename for entry in entries]
    if odd := [entry.filename for entry in entries if not _is_plain_file(entry)]:
        raise BackupError(words("backup.foreign", path=path, name=repr(odd[0][:100])))
    if sorted(names) != sorted([FILE, *said.members]):
        extra = sorted({*names} ^ {FILE, *said.members})
        raise BackupError(words("backup.foreign", path=path, name=repr(extra[0][:100] if extra else FILE)))
    if said.size_bytes > MOST_BYTES:
        raise BackupError(words("backup.too_large", path=path))
    return said


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        with archive.open(FILE) as stream:
            content = stream.read(_MOST_SAID + 1)
        if Form.model_validate_json(content).format != FORMAT:
            raise BackupError(words("backup.newer", path=path))
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        for detail in error.errors(include_input=False):
            match detail["loc"]:
                case ("members", name, *_):
                    raise BackupError(words("backup.foreign", path=path, name=repr(str(name)[:100]))) from None
        raise BackupError(words("backup.newer", path=path)) from None
    except (*_BROKEN, KeyError):
        raise BackupError(words("backup.foreign", path=path, name=FILE)) from None


def _is_plain_file(entry: zipfile.ZipInfo) -> bool:
    mode = entry.external_attr >> 16
    # is_dir fails on an empty name; other compressions than ours may raise other errors.
    is_ours = entry.filename and entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return bool(is_ours) and not entry.is_dir() and stat.S_IFMT(mode) == stat.S_IFREG and not entry.flag_bits & 1
