"""Which shards of Discord's gateway a process runs: a pure function of three numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Layout:
    """`shards` in all, divided over `processes`, of which this is number `ordinal`, from 0.

    0 shards: one process runs as many as Discord advises.
    """

    shards: int = 0
    processes: int = 1
    ordinal: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Layout:
        """Return the layout that the settings name."""
        return cls(settings.shards or 0, settings.processes, settings.ordinal or 0)

    @property
    def numbers(self) -> tuple[int, int]:
        """Return the counts of shards and processes, which must be the same in all processes."""
        return self.shards, self.processes

    @property
    def own(self) -> range:
        """Return the shards of this process; the processes' counts differ by one at most."""
        first, end = (number * self.shards // self.processes for number in (self.ordinal, self.ordinal + 1))
        return range(first, end)

    @property
    def leads(self) -> bool:
        """Return whether this process has shard 0: it registers the commands and does what is done once for all."""
        return self.ordinal == 0

    def has(self, server: int) -> bool:
        """Return whether Discord sends the events of a server to this process."""
        return not self.shards or (server >> 22) % self.shards in self.own
