"""Counts what hostile inputs did: what broke, what hung, what pinged, what was not quoted word for word."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.errors import BotError
from index.errors import LibraryError

REFUSALS = (BotError, LibraryError)
"""What the program raises on purpose, with a sentence for people."""
HANG_S = 1.0
_SHOWN = 160


@dataclass(slots=True)
class Tally:
    """What came of so many inputs; the lists say what happened and to which input."""

    inputs: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    """What else was counted, and is neither an input nor a fault."""
    refused: int = 0
    crashes: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)
    pings: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    slowest: str = ""

    @property
    def faults(self) -> list[str]:
        return [*self.crashes, *self.hangs, *self.pings, *self.altered]

    def count(self, kind: str, number: int = 1) -> None:
        self.inputs[kind] = self.inputs.get(kind, 0) + number

    def note(self, what: str, number: int) -> None:
        self.notes[what] = self.notes.get(what, 0) + number

    def crashed(self, error: BaseException, what: object) -> None:
        """Note an error that is none of the program's refusals, and where it came from."""
        if isinstance(error, REFUSALS) and str(error).strip():
            self.refused += 1
            return
        where = traceback.extract_tb(error.__traceback__)[-1:]
        places = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in where)
        self.crashes.append(f"{type(error).__name__}: {str(error)[:_SHOWN]!r} at {places} on {shown(what)}")

    def took(self, cpu_s: float, what: object, limit_s: float = HANG_S) -> None:
        """Note how much of the processor one input took; more than the limit is a hang."""
        if cpu_s > self.slowest_s:
            self.slowest_s, self.slowest = cpu_s, shown(what)
        if cpu_s > limit_s:
            self.hangs.append(f"{cpu_s:.1f} s on {shown(what)}")

    @contextmanager
    def one(self, kind: str, what: object, limit_s: float = HANG_S) -> Iterator[None]:
        """Count one input, what it takes of the processor, and how it ends; nothing leaves the block."""
        self.count(kind)
        began = time.process_time()
        try:
            yield
        except Exception as error:
            self.crashed(error, what)
        self.took(time.process_time() - began, what, limit_s)

    def add(self, other: Tally) -> None:
        """Take over what another one counted."""
        for kind, number in other.inputs.items():
            self.count(kind, number)
        for what, number in other.notes.items():
            self.note(what, number)
        self.refused += other.refused
        for name in ("crashes", "hangs", "pings", "altered"):
            getattr(self, name).extend(getattr(other, name))
        if other.slowest_s > self.slowest_s:
            self.slowest_s, self.slowest = other.slowest_s, other.slowest


def shown(what: object) -> str:
    """Show an input in a line that any terminal takes."""
    written = ascii(what)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}... ({len(written):,} characters)"
