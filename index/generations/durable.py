"""Atomic and durable file writes: after a crash or power cut a file is the old one or the new one, whole."""

from __future__ import annotations

import json
import os
from threading import get_ident
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def replace_text(path: Path, text: str) -> None:
    """Replace a file by a text in UTF-8, atomically; the folder must exist."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}")
    try:
        beside.write_text(text, encoding="utf-8")
        sync(beside)
        beside.rename(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sync(path: Path) -> None:
    """Flush a file or folder to the disk (fsync)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def delete_named(paths: Iterable[Path], name: str) -> None:
    """Delete those of the JSON files, truncated ones included, that hold a name as a value."""
    for path in paths:
        if is_named(path, name):
            path.unlink(missing_ok=True)


def is_named(path: Path, name: str) -> bool:
    """Return whether a JSON file holds a name as a value; False for a missing file."""
    try:
        return json.dumps(name) in path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return False
