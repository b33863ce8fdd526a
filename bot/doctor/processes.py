"""Compares the place of this process among the bot's processes with those that run now, as PostgreSQL knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor.finding import Finding
from bot.errors import ClusterError, StoreError
from bot.runtime.shards import Layout
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings


def look(settings: Settings, address: str) -> Iterator[Finding]:
    """Say which shards this process has and which processes run; a running one that has other numbers is a fault.

    Yields nothing when the database cannot be asked, which is said of the store.
    """
    try:
        from bot.store.postgresql.cluster import running

        ordinals, layouts = running(address)
    except StoreError:
        return
    own = Layout.of(settings)
    others = sorted(layouts - {own.numbers})
    known = {"layout": own, "running": sorted(ordinals)}
    if others and not own.shards:  # a worker's settings, or those of a command
        shards, processes = others[0]
        yield Finding("processes", None, words("doctor.processes.none", shards=shards, processes=processes, **known))
    elif others:
        yield Finding("processes", False, str(ClusterError.other_layout(own.numbers, others[0])))
    elif own.processes > 1 or ordinals:
        yield Finding("processes", True, words("doctor.processes.fine", **known))
