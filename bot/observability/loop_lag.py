"""Takes the event loop's pulse: a task that sleeps a little again and again sees how late it is woken."""

from __future__ import annotations

import asyncio
import time

from bot.observability.events import Observe, Stalled

TICK_S = 0.05


class LoopLag:
    """`last_stall_s` is how late the last tick was, `longest_stall_s` the latest of all."""

    def __init__(self, observe: Observe) -> None:
        self._observe = observe
        self.last_stall_s = self.longest_stall_s = 0.0

    async def beat(self) -> None:
        """Tick until cancelled."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK_S)
            self.last_stall_s = max(0.0, time.perf_counter() - began - TICK_S)
            self.longest_stall_s = max(self.longest_stall_s, self.last_stall_s)
            self._observe(Stalled(self.last_stall_s))
