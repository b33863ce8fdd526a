"""Bounds the memory of the build process by the system's limit of a process's data (RLIMIT_DATA), where it has one.

The limit holds for what is added from now on: how much the model and its threads take differs with backend and cores.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Taking 2,000,000 characters of one-letter paragraphs apart takes 400 MB. More than a reader may have, which inherits
# the limit.
READING_BYTES = 800 * 2**20
# A library of 1,950,000 characters of prose takes 850 MB more data than the model alone, of which 390 MB are resident.
ENCODING_BYTES = 1200 * 2**20
_STATUS = Path("/proc/self/status")
_NEAR_BYTES = 64 * 2**20


def limit(more_bytes: int) -> None:
    """Let this process take so many bytes of memory more than it has now; what goes beyond raises MemoryError."""
    if (now := _data_bytes()) is not None:
        _set(now + more_bytes)


@contextmanager
def lifted() -> Iterator[None]:
    """Lift the limit, if there is one, to load a model; afterwards it is ENCODING_BYTES on top of what is loaded."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    _set(hard)
    try:
        yield
    finally:
        if soft != hard:
            limit(ENCODING_BYTES)


def is_used_up() -> bool:
    """Say whether the limit is nearly reached: then a library written in C may fail with an error of another kind."""
    now, most = _data_bytes(), resource.getrlimit(resource.RLIMIT_DATA)[0]
    return now is not None and most != resource.RLIM_INFINITY and now + _NEAR_BYTES > most


def _set(most_bytes: int) -> None:
    with suppress(ValueError, OSError):  # some systems have no such limit
        resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _data_bytes() -> int | None:
    """Read how much of this process's memory counts; None on a system that does not say."""
    with suppress(OSError):
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return None
