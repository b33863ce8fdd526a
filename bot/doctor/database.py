"""Checks the store in a PostgreSQL database: whether it can be used, its version, its clock, and a file left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor.finding import Finding
from bot.errors import StoreError
from bot.store.migrate import FILE, HEAD
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings


def look(settings: Settings, address: str) -> Iterator[Finding]:
    """Check the database without changing it."""
    try:
        from bot.store.postgresql.connecting import shown
        from bot.store.postgresql.migrating import MOST_SKEW_S, state

        found, where = state(address), shown(address)
    except StoreError as error:
        yield Finding("store", False, str(error))
        return
    known = {"address": where, "version": found.version}
    if found.tables is None:
        yield Finding("store", None, words("doctor.database.empty", **known))
    elif found.tables.is_later:
        yield Finding("store", True, words("doctor.database.newer", **known))
    elif found.tables.revision != HEAD:
        yield Finding("store", None, words("doctor.database.older", **known))
    else:
        yield Finding("store", True, words("doctor.database.fine", **known))
    if abs(found.skew_s) > MOST_SKEW_S:
        yield Finding("store", False, words("errors.database.skew", seconds=round(found.skew_s)))
    if (settings.data / FILE).exists():
        yield Finding("store", None, words("errors.database.file_left", path=settings.data / FILE))
