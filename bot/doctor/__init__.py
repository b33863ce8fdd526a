"""Checks a set-up part by part: whether it works, and what to do when it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor import bucket, database, disk, health, libraries, machine, processes, token
from bot.doctor.finding import Finding
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.settings import Settings

__all__ = ["Finding", "examine", "glance"]


def examine(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Check every part; loading the model takes seconds. `now` is the time of this machine's clock."""
    yield Finding("settings", True, words("doctor.settings.fine"))
    yield from token.look(settings)
    yield disk.data(settings)
    yield disk.running(settings)
    yield from health.look(settings)
    yield from _store(settings)
    yield from bucket.look(settings)
    yield machine.clock(settings, now)
    yield machine.torch()
    yield machine.sandbox()
    encoder, found = libraries.model(settings)
    yield found
    yield libraries.aliases(settings)
    yield libraries.shared(settings, encoder)
    yield from libraries.servers(settings, encoder)


def glance(settings: Settings) -> Iterator[Finding]:
    """Check what can fail while the bot runs, quickly and without the model: for a health check."""
    yield disk.data(settings)
    yield from health.look(settings, briefly=True)
    yield from _store(settings, briefly=True)
    yield from bucket.look(settings, briefly=True)
    yield libraries.shared(settings, briefly=True)
    yield from libraries.servers(settings, briefly=True)


def _store(settings: Settings, *, briefly: bool = False) -> Iterator[Finding]:
    if settings.database_address is None:
        yield disk.store(settings, briefly=briefly)
    else:
        yield from database.look(settings, settings.database_address)
        if not briefly:
            yield from processes.look(settings, settings.database_address)
