"""Conditions of the bot's parts, and the log of when incidents began and ended."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from enum import StrEnum

log = logging.getLogger(__name__)


class Part(StrEnum):
    """The parts that have to work for people to get answers."""

    GATEWAY = "gateway"
    LIBRARY = "library"
    STORE = "store"
    DISK = "disk"


@dataclass(frozen=True, slots=True)
class Condition:
    """`is_fine`: the part serves people. `is_trouble`: the operator may have to act; False during start and end."""

    word: str
    sentence: str
    is_fine: bool = False
    is_trouble: bool = False


class IncidentLog:
    """Logs one line when an incident begins or changes its kind, and one when it is over."""

    def __init__(self) -> None:
        self._since: dict[Part, tuple[str, float]] = {}

    def report(self, part: Part, condition: Condition) -> None:
        """Record the condition of a part."""
        known = self._since.get(part)
        if condition.is_trouble:
            if known is None or known[0] != condition.word:
                self._since[part] = (condition.word, time.monotonic() if known is None else known[1])
                log.warning("%s: %s. %s", part.value, condition.word, condition.sentence)
        elif condition.is_fine and known is not None:
            del self._since[part]
            log.info("%s: %s again, after %.0f s", part.value, condition.word, time.monotonic() - known[1])

    def is_in(self, part: Part) -> bool:
        """Say whether the last condition of this part was an incident."""
        return part in self._since
