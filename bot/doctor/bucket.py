"""Checks the bucket that holds the libraries: keys, conditional writes, its clock, the files of live generations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor.finding import Finding
from bot.libraries.storage import storage_of
from index.errors import StorageError
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings

_MOST_SKEW_S = 60.0


def look(settings: Settings, *, briefly: bool = False) -> Iterator[Finding]:
    """Write and read in the bucket, or only read the shared library when `briefly`; nothing without a bucket."""
    if settings.bucket is None:
        return
    url = settings.bucket
    try:
        storage = storage_of(settings)
        skew_s = 0.0 if briefly else storage.skew_s()
        faults = [] if briefly else storage.faults()
        storage.pull(settings.data)
        count = 0 if briefly else len(storage.servers())
    except StorageError as error:
        yield Finding("bucket", False, words("doctor.bucket.bad", url=url, reason=error))
        return
    if abs(skew_s) > _MOST_SKEW_S:
        yield Finding("bucket", False, words("errors.bucket.skew", seconds=round(skew_s)))
    if faults:
        server, reason = faults[0]
        yield Finding(
            "bucket", False, words("doctor.bucket.library", server=server, reason=reason, others=len(faults) - 1)
        )
    elif not briefly:
        yield Finding("bucket", True, words("doctor.bucket.fine", url=url, count=count))
