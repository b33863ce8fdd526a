"""Tells errors of the disk or the file, which people can mend, from faults of our statements."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bot.errors import StoreError, StoreTrouble

_PRIMARY = 0xFF  # the lower byte of SQLite's extended codes
_KINDS = {
    sqlite3.SQLITE_BUSY: StoreTrouble.LOCKED,
    sqlite3.SQLITE_LOCKED: StoreTrouble.LOCKED,
    sqlite3.SQLITE_FULL: StoreTrouble.FULL,
    sqlite3.SQLITE_READONLY: StoreTrouble.READ_ONLY,
    sqlite3.SQLITE_PERM: StoreTrouble.READ_ONLY,
    sqlite3.SQLITE_AUTH: StoreTrouble.READ_ONLY,
    sqlite3.SQLITE_IOERR: StoreTrouble.FAILING,
    sqlite3.SQLITE_CANTOPEN: StoreTrouble.FAILING,
    sqlite3.SQLITE_CORRUPT: StoreTrouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: StoreTrouble.DAMAGED,
}
_NO_ROOM_BYTES = 2**20
_PROBE_PATIENCE_S = 0.5


def explained(error: DBAPIError | sqlite3.Error, path: Path) -> StoreError | None:
    """Return an error for people, or None when the statement was at fault."""
    inner: object = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(inner, "sqlite_errorcode", None)
    trouble = None if code is None else _KINDS.get(code & _PRIMARY)
    if trouble is None:
        return None
    if trouble is StoreTrouble.FAILING and _is_full(path):  # SQLite does not report a quota as full
        trouble = StoreTrouble.FULL
    return StoreError.because(trouble, str(inner))


def probe(path: Path) -> None:
    """Commit a write without a change; raises StoreError. Blocks, up to half a second if the file is locked."""
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_PROBE_PATIENCE_S)
        ) as tried:
            tried.isolation_level = None
            tried.execute("BEGIN IMMEDIATE")
            # An unused number in the first page, so that a page has to be written.
            tried.execute("PRAGMA user_version = 0")
            tried.execute("COMMIT")
    except sqlite3.Error as error:
        if (known := explained(error, path)) is not None:
            raise known from error
        raise StoreError.because(StoreTrouble.FAILING, str(error)) from error


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _NO_ROOM_BYTES
    except OSError:
        return False
