"""Tells failures of the server or the connection, which people can mend, from faults of our statements."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import StoreError, StoreTrouble

_BY_STATE = {
    "25006": StoreTrouble.READ_ONLY,  # a replica, or default_transaction_read_only
    "42501": StoreTrouble.READ_ONLY,  # insufficient_privilege
    "40001": StoreTrouble.LOCKED,  # serialization_failure
    "40P01": StoreTrouble.LOCKED,  # deadlock_detected
    "55P03": StoreTrouble.LOCKED,  # lock_timeout
    "57014": StoreTrouble.LOCKED,  # statement_timeout of the server's configuration
    "53100": StoreTrouble.FULL,  # disk_full
}
_BY_CLASS = {
    "08": StoreTrouble.FAILING,  # connection_exception
    "28": StoreTrouble.FAILING,  # invalid_authorization_specification
    "53": StoreTrouble.FAILING,  # insufficient_resources
    "57": StoreTrouble.FAILING,  # operator_intervention: stopped, crashed, starting
    "58": StoreTrouble.FAILING,  # system_error
    "XX": StoreTrouble.DAMAGED,  # internal_error, data_corrupted, index_corrupted
}


def explained(error: DBAPIError | PoolTimeout) -> StoreError | None:
    """Return an error for people, or None when the statement was at fault."""
    if isinstance(error, PoolTimeout):
        return StoreError.because(StoreTrouble.LOCKED, "all connections to the database are in use")
    found = explained_driver(error.orig) if error.orig is not None else None
    if found is None and error.connection_invalidated:
        return StoreError.because(StoreTrouble.FAILING, last_line(error.orig or error))
    return found


def explained_driver(error: BaseException) -> StoreError | None:
    """Return the same for an error of the driver."""
    import psycopg

    state = getattr(error, "sqlstate", None)
    trouble = None if state is None else _BY_STATE.get(state) or _BY_CLASS.get(state[:2])
    if state is None and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        trouble = StoreTrouble.FAILING  # no server, or no longer
    return None if trouble is None else StoreError.because(trouble, last_line(error))


def last_line(error: BaseException) -> str:
    """Return the last line of an error that says something: libpq puts the reason after what it tried."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:300] if lines else type(error).__name__
