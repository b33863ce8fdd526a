"""Deletes a person from databases that are not open: copies made by upgrades, and stores put aside by restores."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import URL, MetaData, create_engine
from sqlalchemy.exc import DBAPIError

from bot.store.connections import COMPACTING, behave
from bot.store.migrate import FILE
from bot.store.persons import forgetting
from bot.store.traces import SIDECARS, is_traced, sidecars

_UNREADABLE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def forget_in_copies(folder: Path, person: int, *, is_aside: bool = False) -> None:
    """Delete a person from every copy of a store in a folder, of any version.

    In a folder that a restore put aside (`is_aside`), the store itself is a copy; elsewhere it is in use. A copy that
    has the id and cannot be read is deleted. Raises DBAPIError when a copy cannot be changed now.
    """
    names = {path.name for path in folder.glob(f"{FILE}.*")} | ({FILE} if is_aside else set())
    for suffix in SIDECARS:
        names |= {name.removesuffix(suffix) for name in names if name.endswith(suffix)}
    for name in sorted(name for name in names if not name.endswith(SIDECARS)):
        if is_traced(folder / name, person):
            _forget(folder / name, person)


def _forget(path: Path, person: int) -> None:
    try:
        if path.exists():
            _delete_rows(path, person)
    except DBAPIError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF not in _UNREADABLE:
            raise
        path.unlink()
    if not path.exists():
        for beside in sidecars(path):
            beside.unlink(missing_ok=True)


def _delete_rows(path: Path, person: int) -> None:
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)
    behave(engine)
    try:
        tables = MetaData()
        with engine.begin() as connection:
            tables.reflect(connection)
            for statement in forgetting(tables.sorted_tables, person):
                connection.execute(statement)
        with engine.connect() as connection:
            for compacting in COMPACTING:
                connection.exec_driver_sql(compacting)
    finally:
        engine.dispose()  # the last connection writes the log into the file and deletes it
