"""A SHA-256 of the whole file in the comment of a zip file, so that any changed or missing byte is detected."""

from __future__ import annotations

import hashlib
import os
from typing import IO

from bot.errors import BackupError
from prompts import words

_MARK = b"metaverse-tutor backup, sha256 "
_BYTES = len(_MARK) + 64
OPEN = _MARK + b"0" * 64
"""The comment before the checksum is known; in the zip format it is at the end of the file."""


def write_checksum(stream: IO[bytes]) -> None:
    """Write the checksum of a zip file into its comment, which must be OPEN; the stream is open for both."""
    end = stream.seek(0, os.SEEK_END)
    digest = _hashed(stream, end - _BYTES)
    stream.seek(end - 64)
    stream.write(digest.encode())


def has_checksum(stream: IO[bytes]) -> bool:
    """Say whether a file ends with the comment of a backup; does not verify the checksum."""
    end = stream.seek(0, os.SEEK_END)
    if end < _BYTES:
        return False
    stream.seek(end - _BYTES)
    return stream.read(len(_MARK)) == _MARK


def verify_checksum(stream: IO[bytes], name: object) -> None:
    """Read a backup once; raises BackupError when it is no backup, or is truncated or altered."""
    if not has_checksum(stream):
        raise BackupError(words("backup.no_backup", path=name))
    end = stream.seek(0, os.SEEK_END)
    stream.seek(end - 64)
    said = stream.read(64)
    if said != _hashed(stream, end - _BYTES).encode():
        raise BackupError(words("backup.altered", path=name))


def _hashed(stream: IO[bytes], left: int) -> str:
    digest = hashlib.sha256()
    stream.seek(0)
    while left > 0 and (block := stream.read(min(left, 2**20))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest()
