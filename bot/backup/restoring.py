"""Restores a backup into a data folder: proved first, then in place in one step, what was there put aside."""

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
    """What came of it: `aside` is where the old content is, `libraries` were proved, `foreign` say why they are not."""

    said: Manifest
    aside: Path | None
    libraries: int
    foreign: tuple[str, ...]


def restore(data: Path, path: Path, *, when: str, replace: bool = False) -> Restored:
    """Put a backup into a data folder; raises BackupError, DataError or LibraryLockedError, the content as it was.

    `replace` puts what is there aside, in a folder that `when` names; without it a folder that is in use is refused.
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
    """Do what is left of a restore that was killed after it was decided."""
    with occupying(data), _disk(data):
        finish(data)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Keep bots and builds away, and what killed restores left."""
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
    """Unpack into a folder inside the data folder; it goes again when the block fails."""
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
    """Compare the store's schema, check its pages and hash every live generation; counts the libraries.

    One whose form this version does not read any more is none of the backup's faults: it says so itself.
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
