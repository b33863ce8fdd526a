"""Settings of every connection to the store's file: commits are on the disk, deleted rows are overwritten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event

VACUUM = "VACUUM"
CHECKPOINT = "PRAGMA wal_checkpoint(TRUNCATE)"
COMPACTING = (VACUUM, CHECKPOINT)
"""Statements that remove all traces of deleted rows from the file and its log; to run outside a transaction.

The checkpoint returns a row whose first value is 1 when a reader kept it from emptying the log.
"""


def behave(engine: Engine) -> None:
    """Set up all connections of an engine."""
    event.listen(engine, "connect", _prepare)


def _prepare(connection: Any, record: Any) -> None:
    # The driver then begins a transaction, with the lock, before its first change. Our own BEGIN would cost three
    # more thread switches for each press of a button.
    connection.isolation_level = "IMMEDIATE"
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
