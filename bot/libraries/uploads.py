"""Fetches uploaded files into a library's inbox, under names that every file system accepts."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_UPLOAD_BYTES = 10 * 2**20
_LONGEST_NAME_BYTES = 200  # file systems allow 255 bytes of UTF-8, encrypted ones less


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file: its original name, its announced size in bytes, and a function that fetches its content."""

    name: str
    size: int
    read: Callable[[], Awaitable[bytes]]


def file_name(name: str) -> str:
    r"""Return a safe file name: no folders, no control characters, at most _LONGEST_NAME_BYTES; the suffix stays.

    Example: "../a\b.txt" gives "b.txt".
    """
    last = re.split(r"[/\\]", name)[-1]
    clean = re.sub(r"[\x00-\x1f\x7f-\x9f]", "", last).strip().lstrip(".") or "document.txt"
    clean = clean.encode("utf-8", "replace").decode()  # a lone surrogate is in no file's name
    stem, dot, suffix = clean.rpartition(".")
    if not dot or len(suffix) > 10:
        return _cut(clean, _LONGEST_NAME_BYTES)
    return f"{_cut(stem, _LONGEST_NAME_BYTES - len(suffix.encode()) - 1)}.{suffix}"


def _cut(name: str, most_bytes: int) -> str:
    """Cut a name to at most `most_bytes` of UTF-8, between code points."""
    return name.encode()[:most_bytes].decode("utf-8", "ignore")


async def receive(uploads: Sequence[Upload], inbox: Path) -> list[str]:
    """Empty the inbox and fetch each upload into a folder of its own there; returns the paths."""
    await asyncio.to_thread(shutil.rmtree, inbox, ignore_errors=True)
    paths = []
    for number, upload in enumerate(uploads):
        path = inbox / str(number) / file_name(upload.name)
        held = await upload.read()
        await asyncio.to_thread(_store, path, held)
        paths.append(str(path))
    return paths


def _store(path: Path, held: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(held)
