"""Makes a backup while the bot runs: a temporary file that is renamed when it is complete and synced."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from bot.backup.checksum import has_checksum
from bot.backup.manifest import FORMAT, Manifest
from bot.backup.writing import Writer, writing
from bot.errors import BackupError, StoreError
from bot.libraries.storage import Folders
from bot.store.migrate import FILE as STORE
from bot.store.migrate import check_whole, copy, revision, tables
from index.errors import GenerationError
from index.evaluation.golden import FILE as GOLDEN
from index.generations.durable import sync
from index.generations.manifest import FOLDER, LIVE, live, read_manifest
from index.generations.promotion import HISTORY
from index.generations.records import FOLDER as EXAMS
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.libraries.storage import Storage

_LOCK = "backup.lock"
_TRIES = 5
"""Attempts, when a live generation is replaced and deleted while it is copied."""


class _Gone(Exception):
    """A file was deleted before it was copied."""


def back_up(data: Path, target: Path, *, at: str, with_store: bool = True, storage: Storage | None = None) -> Manifest:
    """Write the store and every library to one zip file; returns its manifest.

    Without `with_store` only the libraries: where the store is in a database, a file in the folder is an old one.
    The libraries are those of `storage`, by default those of the data folder.

    An old `target` stays until the new one is complete. Raises BackupError, StoreError and LibraryError.
    """
    try:
        if storage is None and not data.is_dir():
            raise BackupError(words("backup.nothing", path=data))
        _check(data, target)
        with _one_at_a_time(data), _beside(target) as beside:
            made = _made(data, beside, at, with_store, storage or Folders(data))
            (beside / "archive").rename(target)
            sync(target.absolute().parent)
            return made
    except OSError as error:
        raise BackupError(words("backup.unwritable", path=target, reason=error.strerror or error)) from error


def _check(data: Path, target: Path) -> None:
    if target.resolve().is_relative_to(data.resolve()):  # a person's deletion must leave no copy in the data folder
        raise BackupError(words("backup.inside", path=target, data=data))
    if target.is_dir() or not target.absolute().parent.is_dir():
        raise BackupError(words("backup.no_file", path=target))
    if target.exists():
        with target.open("rb") as stream:
            if not has_checksum(stream):  # a typing error must not overwrite another file
                raise BackupError(words("backup.in_the_way", path=target))


@contextmanager
def _one_at_a_time(data: Path) -> Iterator[None]:
    data.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(data / _LOCK, timeout=0):
            yield
    except Timeout:
        raise BackupError(words("backup.busy", path=data)) from None


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Make a temporary folder beside a file, and delete those of killed backups."""
    for left_over in target.absolute().parent.glob(f".{target.name}.*.part"):
        shutil.rmtree(left_over, ignore_errors=True)
    folder = target.with_name(f".{target.name}.{os.getpid()}.part")
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(data: Path, beside: Path, at: str, with_store: bool, storage: Storage) -> Manifest:
    store = _copy_store(data / STORE, beside / STORE) if with_store else None
    said = Manifest(format=FORMAT, program=version("metaverse-tutor"), made_at=at, store=store, members={})
    for _ in range(_TRIES):
        try:
            with writing(beside / "archive", said) as writer:
                if store is not None:
                    _add(writer, beside, beside / STORE)
                for root, folder in storage.copies(beside):
                    _add_library(writer, root, folder)
                made = said.model_copy(update={"members": writer.members})
                if store is None and not made.libraries:
                    raise BackupError(words("backup.nothing", path=data))
            return made
        except _Gone:
            continue
    raise BackupError(words("backup.restless", path=data))


def _copy_store(store: Path, target: Path) -> str | None:
    """Copy a consistent snapshot of the store, also during writes; returns its revision, None without a store."""
    try:
        found = tables(store)
        if found is None:
            return None
        if not found.is_usable:
            raise StoreError(words("errors.store_newer", path=store))
        copy(store, target)
        with closing(sqlite3.connect(target)) as copied:
            copied.execute("PRAGMA journal_mode=DELETE")  # one file without -wal and -shm
        check_whole(target)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise OSError(errno.EIO, str(error)) from error  # the disk of the copy, not the store
        raise StoreError(words("errors.store_unusable", path=store, reason=error)) from error
    return revision(target)


def _add_library(writer: Writer, data: Path, folder: Path) -> None:
    """Write a library's live generation, golden questions, history and exam records to the archive."""
    name = live(folder)
    if name is not None:
        try:
            _add_generation(writer, data, folder / FOLDER / name)
        except (GenerationError, _Gone) as error:
            if live(folder) != name:
                raise _Gone from None
            raise error if isinstance(error, GenerationError) else _damaged(name) from None
        writer.add_text((folder / LIVE).relative_to(data).as_posix(), f"{name}\n")
    for path in (folder / GOLDEN, folder / HISTORY, *sorted((folder / EXAMS).glob("[0-9a-z]*.json"))):
        if path.exists():
            _add(writer, data, path)


def _add_generation(writer: Writer, data: Path, folder: Path) -> None:
    """Write a generation to the archive; raises GenerationError when it is damaged."""
    files = read_manifest(folder).files
    for name in sorted(files):
        if _add(writer, data, folder / name) != files[name]:
            raise _damaged(folder.name)
    _add(writer, data, folder / "manifest.json")


def _add(writer: Writer, data: Path, path: Path) -> str:
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        raise _Gone from None
    with stream:
        return writer.add(path.relative_to(data).as_posix(), stream, os.fstat(stream.fileno()).st_size)


def _damaged(generation: str) -> GenerationError:
    return GenerationError(words("backup.damaged_library", generation=generation))
