"""Asks the running bot for its health, when a health port is set."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

from bot.doctor.finding import Finding
from bot.runtime.instance_lock import is_occupied
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings

_PATIENCE_S = 5.0


def look(settings: Settings, *, briefly: bool = False) -> Iterator[Finding]:
    """Check `/readyz`; a bot that does not run is a fault only when `briefly`."""
    port = settings.health_port
    if port is None or not (briefly or _runs(settings)):
        return
    try:
        found = _readyz(port)
    except (OSError, ValueError, http.client.HTTPException):
        yield Finding("health", False, words("doctor.health.silent", port=port))
        return
    faults = [each["sentence"] for each in found.values() if isinstance(each, dict) and not each["is_fine"]]
    yield Finding("health", not faults, " ".join(faults) or words("doctor.health.fine", port=port))


def _runs(settings: Settings) -> bool:
    try:
        return is_occupied(settings.data)
    except OSError:
        return False


def _readyz(port: int) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", "/readyz")
        found = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    if not isinstance(found, dict):
        raise ValueError
    return found
