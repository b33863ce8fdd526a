"""Creates the tables in a PostgreSQL database or brings them up to date, one process at a time."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from sqlalchemy import Connection, NullPool, text
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreError, StoreTrouble
from bot.store.locks import Lock
from bot.store.migrate import HEAD, Tables, run_migrations
from bot.store.postgresql import tables
from bot.store.postgresql.connecting import engine, shown
from bot.store.postgresql.troubles import last_line
from prompts import words

log = logging.getLogger(__name__)

OURS = ("tutor_", "procrastinate_")
"""How the names of further tables begin that may be in the database before the store's own."""
MOST_SKEW_S = 60.0
_MIGRATION = Lock("work", "migration").key
_STATE = """
SELECT pg_is_in_recovery(), current_setting('server_encoding'), extract(epoch FROM clock_timestamp())::float8,
  current_setting('server_version'), has_schema_privilege(current_schema(), 'CREATE'),
  to_regclass(current_schema() || '.alembic_version') IS NOT NULL,
  ARRAY(SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1)
"""


@dataclass(frozen=True, slots=True)
class State:
    """What a database says about itself; `tables` is None for an empty one, `skew_s` how far its clock is ahead."""

    version: str
    tables: Tables | None
    skew_s: float


def migrate(address: str) -> None:
    """Create the tables or bring them up to date; raises StoreError, nothing changed, when that is not possible."""
    made = engine(address, poolclass=NullPool)
    try:
        with made.begin() as connection:
            # Another process may migrate a large table for minutes; what follows waits for locks as usual.
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION})")
            connection.exec_driver_sql("SET LOCAL lock_timeout TO DEFAULT")
            found = _state(connection, address)
            if abs(found.skew_s) > MOST_SKEW_S:
                log.warning("%s", words("errors.database.skew", seconds=round(found.skew_s)))
            if found.tables is not None and found.tables.is_later:
                log.info("%s", words("doctor.database.newer", address=shown(address), version=found.version))
            elif found.tables is None or found.tables.revision != HEAD:
                run_migrations(connection, HEAD)
            tables.metadata.create_all(connection)
    except DBAPIError as error:
        raise _explained(error, address) from error
    finally:
        made.dispose()


def state(address: str) -> State:
    """Look at a database without changing it; raises StoreError when the store cannot be in it."""
    made = engine(address, poolclass=NullPool)
    try:
        with made.connect() as connection:
            return _state(connection, address)
    except DBAPIError as error:
        raise _explained(error, address) from error
    finally:
        made.dispose()


def _state(connection: Connection, address: str) -> State:
    before = time.time()
    replica, encoding, clock, version, may_create, is_ours, names = connection.execute(text(_STATE)).one()
    skew_s = clock - (before + time.time()) / 2
    where = {"address": shown(address)}
    if replica:
        raise StoreError(words("errors.database.replica", **where), StoreTrouble.READ_ONLY)
    if encoding != "UTF8":
        raise StoreError(words("errors.database.encoding", encoding=encoding, **where))
    row = connection.execute(text("SELECT * FROM alembic_version")).mappings().first() if is_ours else None
    found = None if row is None else Tables.of({**row})
    foreign = [name for name in names if not name.startswith((*OURS, "alembic_version"))]
    if found is None and foreign:
        raise StoreError(words("errors.database.foreign", table=foreign[0], **where))
    if found is not None and not found.is_usable:
        if found.is_later:
            raise StoreError(words("errors.database.newer", **where))
        raise StoreError(words("errors.database.foreign", table="alembic_version", **where))
    if found is None and not may_create:
        raise StoreError(words("errors.database.no_rights", **where), StoreTrouble.READ_ONLY)
    return State(version, found, skew_s)


def _explained(error: DBAPIError, address: str) -> StoreError:
    reason, where = last_line(error.orig or error), {"address": shown(address)}
    if "authentication failed" in reason or "no password supplied" in reason:
        return StoreError(words("errors.database.password", **where), StoreTrouble.FAILING, reason)
    if getattr(error.orig, "sqlstate", None) == "42501":
        return StoreError(words("errors.database.no_rights", **where), StoreTrouble.READ_ONLY, reason)
    return StoreError(words("errors.database.unusable", reason=reason, **where), StoreTrouble.FAILING, reason)
