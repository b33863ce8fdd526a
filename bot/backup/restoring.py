"""Restores a backup into a data folder: verified first, then swapped in; the old content is put aside."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.backup.reading import Backup, opened
from bot.backup.swap import UNPACKED, contents, finish, swap_in
from bot.errors import BackupError
from bot.libraries.paths import every_folder
from bot.runtime.instance_lock import occupying
from bot.store.migrate import FILE as STORE
from bot.store.migrate import check_whole, known_revisions, revision
from bot.store.origin import foreign_object
from index.errors import GenerationError
from index.generations.lock import building
from index.generations.manifest import FOLDER, is_whole, live, read_manifest
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.backup.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Restored:
    """The result: the folder of the old content, the count of verified libraries, why others are unreadable."""

    said: Manifest
    aside: Path | None
    libraries: int
    foreign: tuple[str, ...]


def restore(data: Path, path: Path, *, when: str, replace: bool = False) -> Restored:
    """Restore a backup into a data folder; raises BackupError, DataError or LibraryLockedError, changing nothing then.

    `replace` puts the old content aside, in a folder named by `when`; without it a folder with content is refused.
    """
    with opened(path) as backup:
        if backup.said.store not in (None, *known_revisions()):
            raise BackupError(words("backup.newer", path=path))
        with _alone(data):
            if contents(data) and not replace:
                raise BackupError(words("backup.not_empty", path=data))
            with _unpacked(backup, data) as folder:
                libraries, foreign = _prove(folder, path, backup.said)
            with _disk(data):
                aside = swap_in(data, when)
        return Restored(backup.said, aside, libraries, foreign)


def finish_restore(data: Path) -> None:
    """Complete a restore that was killed after the swap had started."""
    with occupying(data), _disk(data):
        finish(data)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Lock out bots and builds, and clean up after killed restores."""
    with ExitStack() as held:
        held.enter_context(occupying(data))
        with _disk(data):
            finish(data)
            shutil.rmtree(data / UNPACKED, ignore_errors=True)
            for folder in every_folder(data).values():
                held.enter_context(building(folder, wait_s=0))
        yield


@contextmanager
def _disk(data: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupError(words("backup.no_disk", path=data, reason=error.strerror or error)) from error


@contextmanager
def _unpacked(backup: Backup, data: Path) -> Iterator[Path]:
    """Unpack into a folder inside the data folder, which is deleted when the block fails."""
    folder = data / UNPACKED
    try:
        with _disk(data):
            free, needed = shutil.disk_usage(data).free, backup.said.size_bytes
            if needed > free:
                raise BackupError(words("backup.no_room", path=data, needed=needed // 2**20 + 1, free=free // 2**20))
            backup.unpack(folder)
            yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _prove(folder: Path, path: Path, said: Manifest) -> tuple[int, tuple[str, ...]]:
    """Compare the store's schema, check its pages and hash every live generation; returns the count of libraries.

    A library in a format that this version cannot read is no fault of the backup; the second value has its error.
    """
    if said.store is not None:
        try:
            if (differing := foreign_object(folder / STORE)) is not None:
                raise BackupError(words("backup.foreign_store", path=path, object=differing))
            found = revision(folder / STORE)
            check_whole(folder / STORE)
        except sqlite3.Error as error:
            raise BackupError(words("backup.damaged_store", path=path, reason=error)) from error
        if found not in known_revisions():
            raise BackupError(words("backup.newer", path=path))
    libraries, foreign = 0, []
    for library in every_folder(folder).values():
        try:
            if (name := live(library)) is None:
                continue
            read_manifest(library / FOLDER / name)
        except GenerationError as error:
            foreign.append(str(error))
            continue
        if not is_whole(library / FOLDER / name):
            raise BackupError(words("backup.altered", path=path))
        libraries += 1
    return libraries, tuple(foreign)
