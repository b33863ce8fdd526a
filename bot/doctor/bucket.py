"""Checks the bucket that holds the libraries: keys, conditional writes, and the files of every live generation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor.finding import Finding
from bot.libraries.storage import storage_of
from index.errors import StorageError
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings


def look(settings: Settings, *, briefly: bool = False) -> Iterator[Finding]:
    """Write and read in the bucket, or only read the shared library when `briefly`; nothing without a bucket."""
    if settings.bucket is None:
        return
    url = settings.bucket
    try:
        storage = storage_of(settings)
        faults = [] if briefly else storage.faults()
        storage.pull(settings.data)
        count = 0 if briefly else len(storage.servers())
    except StorageError as error:
        yield Finding("bucket", False, words("doctor.bucket.bad", url=url, reason=error))
        return
    if faults:
        server, reason = faults[0]
        yield Finding(
            "bucket", False, words("doctor.bucket.library", server=server, reason=reason, others=len(faults) - 1)
        )
    elif not briefly:
        yield Finding("bucket", True, words("doctor.bucket.fine", url=url, count=count))
