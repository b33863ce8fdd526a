"""Engines on a PostgreSQL address: how connections are made, and how a dead one is noticed before it is used."""

from __future__ import annotations

import select
from typing import Any

import sqlalchemy
from sqlalchemy import Engine, ExceptionContext, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import StoreError
from bot.store.postgresql.dialect import NAME
from prompts import words

_POOL = 5
_MORE = 10
_TURN_S = 30  # wait for a connection of the pool
_ADDRESS = NAME.replace(".", "+") + "://"
# Overridden by the parameters of the address. A server that is gone without a word is noticed after about ten seconds;
# nobody waits longer than five for another's lock. Correctness relies on `read committed`: each statement after a lock
# sees what was committed before the lock was given.
_DEFAULTS = {
    "application_name": "tutor",
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "options": r"-c lock_timeout=5s -c default_transaction_isolation=read\ committed",
}


def parameters(address: str) -> dict[str, Any]:
    """Return the parameters of a connection; raises StoreError when the driver is missing or cannot read the address.

    The address is libpq's: several hosts and `target_session_attrs=read-write` follow a failover.
    """
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:  # the package, or libpq under it
        raise StoreError(words("errors.database.no_driver")) from None
    try:
        return {**_DEFAULTS, **conninfo_to_dict(plain(address))}
    except (ProgrammingError, ValueError):
        raise StoreError(words("errors.database.unreadable")) from None  # the error repeats the address


def plain(address: str) -> str:
    """Return an address without SQLAlchemy's driver in it."""
    return address.replace("postgresql+psycopg://", "postgresql://", 1)


def shown(address: str) -> str:
    """Return hosts and database of an address for people, without user and password."""
    given = parameters(address)
    hosts = str(given.get("host") or given.get("hostaddr") or "localhost").split(",")
    ports = str(given.get("port") or "").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    where = ",".join(f"{host}:{port}" if port else host for host, port in zip(hosts, ports, strict=False))
    return f"{where}/{given.get('dbname') or given.get('user') or ''}"


def engine(address: str, **options: Any) -> Engine:
    """Return an engine for worker threads."""
    given = parameters(address)

    def connect() -> Any:
        import psycopg

        return psycopg.connect(**given)

    made = sqlalchemy.create_engine(_ADDRESS, creator=connect, hide_parameters=True, **options)
    _watch(made)
    return made


def async_engine(address: str, **options: Any) -> AsyncEngine:
    """Return an engine for the event loop; a transaction begins with the statement BEGIN, which its user sends.

    So a read is one round trip, and a change takes its locks with the BEGIN. Without `options` it has a pool.
    """
    given = parameters(address)

    async def connect() -> Any:
        import psycopg

        return await psycopg.AsyncConnection.connect(**given, autocommit=True)

    # Every block ends its transaction, so a returned connection needs no rollback.
    pooled = {"pool_size": _POOL, "max_overflow": _MORE, "pool_timeout": _TURN_S, "pool_reset_on_return": None}
    made = create_async_engine(_ADDRESS, async_creator=connect, hide_parameters=True, **(options or pooled))
    _watch(made.sync_engine)
    return made


def _watch(made: Engine) -> None:
    event.listen(made, "checkout", _check)
    event.listen(made, "handle_error", _without_details)


def _without_details(context: ExceptionContext) -> None:
    """Keep only the first sentence of the server's error: its details repeat the values of a row, and are logged."""
    error = context.original_exception
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    if primary is not None:
        error.args = (primary,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (f"({type(error).__name__}) {primary}",)


def _check(connection: Any, record: Any, proxy: Any) -> None:
    """Replace all pooled connections when the server has closed this one.

    An idle connection has nothing to read but the end. SQLAlchemy's own ping would cost a round trip for each press.
    """
    driver = getattr(connection, "driver_connection", connection)
    if driver.closed:
        raise InvalidatePoolError
    poll = select.poll()
    poll.register(driver.fileno(), select.POLLIN | select.POLLHUP)
    if poll.poll(0):
        raise InvalidatePoolError
