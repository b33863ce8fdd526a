"""Kills `tutor run` while it brings a store of an older version up to date, and starts it again."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from bot.store.migrate import FILE, HEAD, known_revisions, revision, upgrade
from tests.bench.learners import comes_true
from tests.bench.moments import WITHIN_S, Clock, Found
from tests.bench.quality import essay_settings
from tests.gateway.process import Process
from tests.gateway.server import Server

_ROWS = 60_000


async def kill_upgrades(here: Path, times: int) -> Found:
    """Kill `tutor run` on stores of older versions, and none, in WAL and without; the next start has to bring it up."""
    found, rng = Found(), random.Random(5)
    versions = [None, *known_revisions()[:-1]]
    clocks = {version: Clock(rng) for version in versions}
    templates = {version: _old_store(here / "old", version) for version in versions}
    data = here / "data"
    shutil.copytree(essay_settings().data, data)
    number = 0
    while found.kills < times:
        version, wal = versions[number % len(versions)], number % 2 == 0
        number += 1
        _put_back(data, templates[version], wal=wal)
        async with Server() as server:
            bot = Process(server, data)
            await bot.start()
            copy = data / (FILE if version is None else f"{FILE}.{version}")

            def has_ended(bot: Process = bot, server: Server = server) -> bool:
                return bot.exit_code is not None or server.gateway.live is not None

            if not clocks[version].whole_s:
                await clocks[version].measure(copy.exists, has_ended)
                await bot.kill()
                continue
            await clocks[version].passes(copy.exists, has_ended)
            hit = bot.exit_code is None
            await bot.kill()
            found.kills += hit
            found.done += hit and _is_upgraded(data)
            await bot.start()
            await comes_true(has_ended, WITHIN_S)
            code = bot.exit_code
            await bot.kill()
        if fault := _upgraded(data, templates[version], version):
            found.faults.append(f"from {version}, WAL {wal}: {fault}, exit code {code}, {bot.said[-200:]}")
    return found


def _old_store(folder: Path, version: str | None) -> Path:
    """Make a store of an older version with many rows; an empty path for none."""
    path = folder / str(version)
    if version is not None:
        folder.mkdir(exist_ok=True)
        upgrade(path, version)
        with closing(sqlite3.connect(path)) as store, store:
            rows = ((n, n % 500, "x" * 40) for n in range(_ROWS))
            store.executemany(
                "INSERT INTO answers (session, position, person, item, version, axis, again, option, score, hints,"
                " answered_at, state, due) VALUES (?, 0, ?, ?, 'v', 'a', 0, 1, 1.0, 0, 5, 1, 9)",
                rows,
            )
    return path


def _put_back(data: Path, template: Path, *, wal: bool) -> None:
    for path in data.glob(f"{FILE}*"):
        path.unlink()
    if template.exists():
        shutil.copy(template, data / FILE)
        with closing(sqlite3.connect(data / FILE)) as store:
            store.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")


def _is_upgraded(data: Path) -> bool:
    """Look at a copy: to look at a file is to take back what a killed process was about to write into it."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (data / FILE, *(data / f"{FILE}{more}" for more in ("-journal", "-wal"))):
            if path.exists():
                shutil.copy(path, folder)
        try:
            return revision(Path(folder) / FILE) == HEAD
        except sqlite3.Error:
            return False  # what the next start has to say of it


def _upgraded(data: Path, template: Path, version: str | None) -> str:
    """Say what is wrong with a store that was brought up to date, and with the copy of what it was."""
    try:
        if (found := revision(data / FILE)) != HEAD:
            return f"at {found}"
    except sqlite3.Error as error:
        return str(error)
    paths = [data / FILE] if version is None else [data / FILE, data / f"{FILE}.{version}"]
    for path in paths:
        with closing(sqlite3.connect(path)) as store:
            if store.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                return f"{path.name} unsound"
        if version is not None and _answers(path) != _answers(template):
            return f"{path.name} has other rows"
    return ""


def _answers(path: Path) -> str:
    with closing(sqlite3.connect(path)) as store:
        rows = store.execute("SELECT session, position, person, item, score, due FROM answers ORDER BY session")
        return hashlib.sha256(repr(rows.fetchall()).encode()).hexdigest()
