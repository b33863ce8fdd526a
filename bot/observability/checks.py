"""Health checks: each tests one part of the bot and returns its condition."""

from __future__ import annotations

import asyncio
import errno
import shutil
import tempfile
from pathlib import Path
from typing import Protocol

from bot.errors import StoreError
from bot.observability.status import Condition
from index.errors import LibraryError
from prompts import words

# Below this a warning is shown: the build of a small library takes about as much.
_LOW_BYTES = 200 * 2**20
_TRIED_BYTES = 4096
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Tutor(Protocol):
    """The state of the answering engine."""

    @property
    def ready(self) -> bool:
        """Say whether the shared library is open."""

    @property
    def fault(self) -> BaseException | None:
        """Return the error that kept the library from opening."""


class Store(Protocol):
    """The store, as far as it is checked."""

    async def probe(self) -> None:
        """Write to the store; raises StoreError."""


def gateway(*, ready: bool, down: int, closing: bool) -> Condition:
    """Return the condition of the connection to Discord; `down` counts the disconnected shards."""
    if closing:
        return Condition("closing", words("health.gateway.closing"))
    if not ready:
        return Condition("connecting", words("health.gateway.connecting"))
    if down:
        return Condition("disconnected", words("health.gateway.disconnected", shards=down), is_trouble=True)
    return Condition("ok", words("health.gateway.ok"), is_fine=True)


def library(tutor: Tutor) -> Condition:
    """Return the condition of the shared library; the answering engine logs its failures itself."""
    if tutor.ready:
        return Condition("ok", words("health.library.ok"), is_fine=True)
    match tutor.fault:
        case None:
            return Condition("loading", words("health.library.loading"))
        case LibraryError() as error:
            return Condition("failed", str(error))
        case error:
            return Condition("failed", words("health.library.failed", reason=type(error).__name__))


async def store(tried: Store) -> Condition:
    """Return the condition of the store after a test write."""
    try:
        await tried.probe()
    except StoreError as error:
        return store_trouble(error.trouble, error.reason)
    return Condition("ok", words("health.store.ok"), is_fine=True)


def store_trouble(trouble: str, reason: str) -> Condition:
    """Return the condition for a failure of the store; `trouble` is its kind."""
    return Condition(trouble, words(f"health.store.{trouble}", reason=reason), is_trouble=True)


async def disk(data: Path) -> Condition:
    """Return the condition of the data folder after a test write, with its free space."""
    return await asyncio.to_thread(_disk, data)


def _disk(data: Path) -> Condition:
    try:
        with tempfile.TemporaryFile(dir=data, buffering=0) as tried:
            tried.write(bytes(_TRIED_BYTES))
        free = shutil.disk_usage(data).free
    except OSError as error:
        word = "full" if error.errno in _FULL else "refused"
        sentence = words(f"health.disk.trouble.{word}", path=data, reason=error.strerror)
        return Condition(word, sentence, is_trouble=True)
    if free < _LOW_BYTES:
        return Condition("low", words("health.disk.low", megabytes=free // 2**20), is_fine=True)
    return Condition("ok", words("health.disk.ok"), is_fine=True)
