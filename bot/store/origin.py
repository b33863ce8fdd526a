"""Checks that an SQLite file from elsewhere has exactly the schema of our migrations.

Triggers, views, virtual tables and generated columns run the SQL of the file's maker as soon as the tables are used, so
the schema is compared before any table is read.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

from bot.store.migrate import known_revisions, reading, upgrade_connection

_STATISTICS = ("table", "sqlite_stat1")  # made by ANALYZE, which an operator may have run
_SETTINGS = ("application_id", "encoding", "user_version")
_MOST_OBJECTS = 1000
# Quotes around a plain name are ignored: they depend on the version of SQLAlchemy.
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(\w+)\"|\w+|[^\s\w]")

_Object = tuple[str, str, str, tuple[str, ...]]


def foreign_object(path: Path) -> str | None:
    """Return an object of a file that no migration makes, or one that is missing; None when the schema is ours.

    Runs nothing from the file. Raises sqlite3.Error when it is damaged or no database.
    """
    with reading(path) as connection:
        found = _objects(connection)
    if found in _made():
        return None
    nearest = min(_made(), key=lambda each: len(each ^ found))
    kind, name, *_ = min(nearest ^ found)
    return f"{kind} {name[:100]!r}"


@cache
def _made() -> tuple[frozenset[_Object], ...]:
    """Return the objects at each revision, oldest first, by running the migrations in memory."""
    made = []
    with closing(sqlite3.connect(":memory:")) as connection:
        for revision in known_revisions():
            upgrade_connection(connection, revision)
            made.append(_objects(connection))
    return tuple(made)


def _objects(connection: sqlite3.Connection) -> frozenset[_Object]:
    """Return tables, indexes, views and triggers with their SQL, and the settings in the file's header."""
    rows = connection.execute(f"SELECT type, name, tbl_name, sql FROM sqlite_master LIMIT {_MOST_OBJECTS}").fetchall()
    found = {(str(kind), str(name), str(table), _normalised(str(kind), str(sql))) for kind, name, table, sql in rows}
    statistics = (*_STATISTICS, _STATISTICS[1], _normalised("table", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"))
    settings = {("setting", name, "", (str(connection.execute(f"PRAGMA {name}").fetchone()[0]),)) for name in _SETTINGS}
    return frozenset(found - {statistics} | settings)


def _normalised(kind: str, sql: str) -> tuple[str, ...]:
    """Split SQL at its outer parentheses and commas; sorted for a table, whose constraints have no fixed order."""
    depth, parts = 0, [""]
    for found in _TOKEN.finditer(sql):
        token = found[1] or found[0]
        depth -= token == ")"
        if (token, depth) in {("(", 0), (",", 1), (")", 0)}:
            parts.append("")
        else:
            parts[-1] += f"{token} "
        depth += token == "("
    return tuple(sorted(parts) if kind == "table" else parts)
