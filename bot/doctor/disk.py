"""Checks the data folder and the store: permissions, free space, a running bot, the integrity of the store."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from typing import TYPE_CHECKING

from bot.doctor.finding import Finding
from bot.libraries.paths import SERVERS, every_folder
from bot.runtime.instance_lock import has_run, is_occupied
from bot.store.migrate import FILE, HEAD, check_whole, tables
from index.evaluation.golden import FILE as GOLDEN
from index.generations.checkpoint import FOLDER as ENCODED
from index.generations.manifest import FOLDER, LIVE
from index.generations.promotion import HISTORY
from index.generations.records import FOLDER as EXAMS
from prompts import words

if TYPE_CHECKING:
    from pathlib import Path

    from bot.settings import Settings

_TOO_LITTLE = 100 * 2**20
_LITTLE = 2**30
_ANYBODY_WRITES = 0o002
_OURS = {LIVE, HISTORY, GOLDEN, FOLDER, EXAMS, ENCODED, SERVERS}


def data(settings: Settings) -> Finding:
    """Check that the data folder and the files in it can be written, and the free space."""
    path = settings.data
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
        free = shutil.disk_usage(path).free
        if foreign := [each for each in _inside(path) if not os.access(each, os.R_OK | os.W_OK)]:
            return Finding("data", False, words("doctor.data.foreign", path=foreign[0], count=len(foreign)))
        if path.stat().st_mode & _ANYBODY_WRITES:
            return Finding("data", False, words("doctor.data.open", path=path))
    except OSError as error:
        return Finding("data", False, words("errors.data_unusable", path=path, reason=error.strerror))
    room = {"path": path, "free": free // 2**20}
    if free < _TOO_LITTLE:
        return Finding("data", False, words("doctor.data.full", **room))
    if free < _LITTLE:
        return Finding("data", None, words("doctor.data.little", **room))
    return Finding("data", True, words("doctor.data.fine", **room))


def _inside(path: Path) -> list[Path]:
    """List the files and folders that the bot writes; others in the data folder are ignored."""
    return sorted(
        each
        for folder in every_folder(path).values()
        for each in folder.iterdir()
        if each.name in _OURS or each.name.startswith(FILE) or each.suffix == ".lock"
    )


def running(settings: Settings) -> Finding:
    """Check whether a bot runs on the data folder."""
    try:
        occupied = is_occupied(settings.data)
    except OSError as error:
        return Finding("running", False, words("errors.data_unusable", path=settings.data, reason=error.strerror))
    return Finding("running", None if occupied else True, words(f"doctor.running.{'yes' if occupied else 'no'}"))


def store(settings: Settings, *, briefly: bool = False) -> Finding:
    """Check the version of the store and, unless `briefly`, every page of it."""
    path = settings.data / FILE
    if not path.exists() and has_run(settings.data):
        return Finding("store", False, words("errors.store_gone", path=path))
    try:
        found = tables(path)
        if found is None:
            return Finding("store", None, words("doctor.store.missing"))
        if not found.is_usable:
            return Finding("store", False, words("errors.store_newer", path=path))
        if not briefly:
            check_whole(path)
    except sqlite3.DatabaseError as error:
        return Finding("store", False, words("doctor.store.damaged", path=path, reason=error))
    except OSError as error:
        return Finding("store", False, words("errors.store_unusable", path=path, reason=error))
    if found.is_later:
        return Finding("store", True, words("doctor.store.newer", path=path))
    if found.revision != HEAD:
        return Finding("store", None, words("doctor.store.older", path=path))
    return Finding("store", True, words("doctor.store.fine", path=path))
