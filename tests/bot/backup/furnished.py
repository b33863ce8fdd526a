"""A data folder with something of everything, and what a backup keeps of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.libraries.paths import adopt, own_folder
from bot.store.migrate import FILE, migrate
from index.evaluation.golden import add_golden
from index.evaluation.metrics import Question
from index.generations.records import record
from tests.index.fakes import CLAY, SEA, build_texts, hashes

SERVER = 123456789012345678
SECRET = "Nobody but me should read that I find this item unfair."


def furnish(data: Path) -> None:
    """Build a shared library with two generations, one of a server, and a store with a row."""
    build_texts(data, SEA)
    name = build_texts(data, CLAY, built_at="2026-01-02T00:00:00+00:00").generation
    record(data, name, {"exam": {"against": None, "passed": True}})
    add_golden(data, [Question("What does clay remember?", ("Clay remembers the hand",))])
    adopt(data, SERVER, at="2026-01-03T00:00:00+00:00")
    build_texts(own_folder(data, SERVER), CLAY, SEA)
    migrate(data / FILE)
    with closing(sqlite3.connect(data / FILE)) as store, store:
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("INSERT INTO disputes VALUES (1, 7, NULL, 'item', ?, 0)", (SECRET,))
    (data / "commands.json").write_text("{}", encoding="utf-8")


def kept(data: Path) -> dict[str, str]:
    """Hash what a backup keeps of a data folder's libraries, and dump its store."""
    live = {(file.parent / "generations" / file.read_text().strip()) for file in data.rglob("live")}
    found = {
        name: digest
        for name, digest in hashes(data).items()
        if not name.startswith(("before-restore-", ".restoring/", FILE, "commands.json"))
        and not name.endswith(".lock")
        and ("generations/" not in name or any((data / name).is_relative_to(folder) for folder in live))
    }
    if (data / FILE).exists():
        with closing(sqlite3.connect(data / FILE)) as store:
            found[FILE] = "\n".join(store.iterdump())
    return found
