"""Draws the moments at which a process is killed, and keeps what came of it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.learners import comes_true
from tests.bench.results import Row

WITHIN_S = 120.0


@dataclass(slots=True)
class Clock:
    """Draws moments to kill at: of the whole process, or, as often, of the work that it does in the end."""

    rng: random.Random
    whole_s: float = 0.0
    work_s: float = 0.0

    async def passes(self, has_begun: Callable[[], bool], has_ended: Callable[[], bool]) -> None:
        """Wait until a moment drawn; has_ended cuts it short."""
        share = self.rng.random()
        if self.rng.random() < 0.5:
            await comes_true(has_ended, share * self.whole_s)
            return
        await comes_true(lambda: has_begun() or has_ended(), WITHIN_S)
        await comes_true(has_ended, share * self.work_s)

    async def measure(self, has_begun: Callable[[], bool], has_ended: Callable[[], bool]) -> None:
        began = time.monotonic()
        await comes_true(lambda: has_begun() or has_ended(), WITHIN_S)
        begun = time.monotonic()
        assert await comes_true(has_ended, WITHIN_S)
        self.whole_s, self.work_s = time.monotonic() - began, time.monotonic() - begun


@dataclass(slots=True)
class Found:
    """What came of it: `kills` hit, after `done` of which the work had been done already, and faults."""

    kills: int = 0
    done: int = 0
    faults: list[str] = field(default_factory=list)

    def row(self, what: str, of: str) -> Row:
        measured = f"{len(self.faults)} of {self.kills} ({self.done} {of}) {self.faults[:2] if self.faults else ''}"
        return Row(what, measured.strip()[:400], "0", not self.faults)
