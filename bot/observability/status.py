"""How each part of the bot is, in a word and a sentence, and when that began and ended in the log."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from enum import StrEnum

log = logging.getLogger(__name__)


class Part(StrEnum):
    """What has to work for people to be answered."""

    GATEWAY = "gateway"
    LIBRARY = "library"
    STORE = "store"
    DISK = "disk"


@dataclass(frozen=True, slots=True)
class Condition:
    """`is_fine`: people can be served. `is_trouble`: somebody may have to mend it; not so while it starts or ends."""

    word: str
    sentence: str
    is_fine: bool = False
    is_trouble: bool = False


class IncidentLog:
    """Writes one line when a trouble begins or becomes another, and one when it is over."""

    def __init__(self) -> None:
        self._since: dict[Part, tuple[str, float]] = {}

    def report(self, part: Part, condition: Condition) -> None:
        """Take note of how a part is."""
        known = self._since.get(part)
        if condition.is_trouble:
            if known is None or known[0] != condition.word:
                self._since[part] = (condition.word, time.monotonic() if known is None else known[1])
                log.warning("%s: %s. %s", part.value, condition.word, condition.sentence)
        elif condition.is_fine and known is not None:
            del self._since[part]
            log.info("%s: %s again, after %.0f s", part.value, condition.word, time.monotonic() - known[1])

    def is_in(self, part: Part) -> bool:
        """Say whether this part was in trouble when last heard of."""
        return part in self._since
