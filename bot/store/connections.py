"""How every connection to the store's file behaves: what is committed is on the disk, what is deleted is not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event

VACUUM = "VACUUM"
CHECKPOINT = "PRAGMA wal_checkpoint(TRUNCATE)"
COMPACTING = (VACUUM, CHECKPOINT)
"""Statements that leave no trace of deleted rows in the file and its log, outside of any transaction.

The checkpoint gives a row whose first value is 1 when it could not empty the log because somebody reads from it.
"""


def behave(engine: Engine) -> None:
    """Set up whatever connections this engine will make."""
    event.listen(engine, "connect", _prepare)


def _prepare(connection: Any, record: Any) -> None:
    # The driver begins a transaction before the first change in it, and takes the lock at once. A statement of our
    # own to begin would cost three more changes of thread for every press of a button.
    connection.isolation_level = "IMMEDIATE"
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
