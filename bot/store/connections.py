"""How every connection to the store's file behaves: durable, checked, and in transactions that begin when told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event


def behave(engine: Engine) -> None:
    """Set up whatever connections this engine will make."""
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)


def _prepare(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transaction of its own: it would leave DDL outside
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A writer takes the lock at once: one that began by reading could not take it any more after another's write.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
