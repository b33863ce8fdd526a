"""Limits the memory of the build process by RLIMIT_DATA, on systems that have it.

The limit counts from the current size, because the model and its threads take more or less by backend and cores.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Splitting 2,000,000 characters of one-letter paragraphs takes 400 MB. It is more than the limit of a document reader,
# which inherits this one.
READING_BYTES = 800 * 2**20
# A library of 1,950,000 characters of prose takes 850 MB more data than the model alone, of which 390 MB are resident.
ENCODING_BYTES = 1200 * 2**20
_STATUS = Path("/proc/self/status")
_NEAR_BYTES = 64 * 2**20


def limit(more_bytes: int) -> None:
    """Let this process take `more_bytes` in addition to what it has; beyond that allocations raise MemoryError."""
    if (now := _data_bytes()) is not None:
        _set(now + more_bytes)


@contextmanager
def lifted() -> Iterator[None]:
    """Lift the limit, if there is one, in the block that loads a model; afterwards it is ENCODING_BYTES more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    _set(hard)
    try:
        yield
    finally:
        if soft != hard:
            limit(ENCODING_BYTES)


def is_used_up() -> bool:
    """Say whether the limit is nearly reached: a library in C may then fail with an error of any kind."""
    now, most = _data_bytes(), resource.getrlimit(resource.RLIMIT_DATA)[0]
    return now is not None and most != resource.RLIM_INFINITY and now + _NEAR_BYTES > most


def _set(most_bytes: int) -> None:
    with suppress(ValueError, OSError):  # some systems have no such limit
        resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _data_bytes() -> int | None:
    """Return how many bytes count against the limit; None on a system without /proc."""
    with suppress(OSError):
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return None
