"""Fetches the files that people upload into a library's inbox, under names that any file system takes."""

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
    """A file somebody sent: its name as they gave it, its size as announced, and how to get what it holds."""

    name: str
    size: int
    read: Callable[[], Awaitable[bytes]]


def file_name(name: str) -> str:
    """Give the name under which an upload is kept: without folders or control characters, and not too long."""
    last = re.split(r"[/\\]", name)[-1]
    clean = re.sub(r"[\x00-\x1f\x7f-\x9f]", "", last).strip().lstrip(".") or "document.txt"
    clean = clean.encode("utf-8", "replace").decode()  # a lone surrogate is in no file's name
    stem, dot, suffix = clean.rpartition(".")
    if not dot or len(suffix) > 10:
        return _cut(clean, _LONGEST_NAME_BYTES)
    return f"{_cut(stem, _LONGEST_NAME_BYTES - len(suffix.encode()) - 1)}.{suffix}"


def _cut(name: str, most_bytes: int) -> str:
    """Keep the front of a name: at most so many bytes of UTF-8, whole code points."""
    return name.encode()[:most_bytes].decode("utf-8", "ignore")


async def receive(uploads: Sequence[Upload], inbox: Path) -> list[str]:
    """Fetch uploads into a folder each, which keeps their names apart; what a killed run left there goes first."""
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
