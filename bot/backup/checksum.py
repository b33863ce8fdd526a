"""Ends a zip file with the hash of all that stands before it, so that one changed or missing byte is found out."""

from __future__ import annotations

import hashlib
import os
from typing import IO

from bot.errors import BackupError
from prompts import words

_MARK = b"metaverse-tutor backup, sha256 "
_BYTES = len(_MARK) + 64
OPEN = _MARK + b"0" * 64
"""The zip file's comment until it is sealed: the format lets a comment stand at the very end."""


def write_checksum(stream: IO[bytes]) -> None:
    """Put the hash of a whole zip file into its comment, which must be OPEN; the stream reads and writes."""
    end = stream.seek(0, os.SEEK_END)
    digest = _hashed(stream, end - _BYTES)
    stream.seek(end - 64)
    stream.write(digest.encode())


def has_checksum(stream: IO[bytes]) -> bool:
    """Say whether a file ends like a backup, whatever stands in it."""
    end = stream.seek(0, os.SEEK_END)
    if end < _BYTES:
        return False
    stream.seek(end - _BYTES)
    return stream.read(len(_MARK)) == _MARK


def verify_checksum(stream: IO[bytes], name: object) -> None:
    """Read a backup once from end to end; raises BackupError when it is none, was cut or was altered."""
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
