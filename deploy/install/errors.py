"""What can go wrong in an installation: each cause is recognised in what pip, uv or the system said."""

from __future__ import annotations

import re

DISK_FULL = (
    "The disk is full. The virtual environment and uv's cache need 3 GB, 8 GB where torch comes with CUDA. "
    "Make room, then give the same command again."
)
READ_ONLY = (
    "The virtual environment cannot be written. Clone the project into a folder that you may write to, and give the "
    "same command there."
)
CERTIFICATE = (
    "The package index's certificate is not trusted. Where a proxy has its own, name the file with its authority: "
    "SSL_CERT_FILE=FILE PIP_CERT=FILE make run"
)
NO_NETWORK = (
    "The package index cannot be reached. Connect to the network, or name a mirror with PIP_INDEX_URL or a proxy with "
    "HTTPS_PROXY, then give the same command again."
)
UNKNOWN = "The packages could not be installed; the lines above say why."

_CAUSES = {
    r"No space left on device|Disk quota exceeded": DISK_FULL,
    r"Read-only file system|Permission denied": READ_ONLY,
    r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer": CERTIFICATE,
    r"NewConnectionError|NameResolutionError|Connect(?:ion)?(?:Timeout|Reset|Refused|Aborted)|ReadTimeout|ProxyError"
    r"|dns error|error sending request|connection (?:refused|reset)|timed out": NO_NETWORK,
}


class InstallError(Exception):
    """The installation cannot go on; the sentence says what to do."""


def advice(said: str) -> str | None:
    """Give the sentence for the first cause that is recognised; None when none is."""
    for pattern, sentence in _CAUSES.items():
        if re.search(pattern, said, re.IGNORECASE):
            return sentence
    return None
