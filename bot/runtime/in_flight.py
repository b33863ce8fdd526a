"""Tracks the tasks that people wait for, so that the bot can complete them before it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.errors import LeavingError

log = logging.getLogger(__name__)

Tell = Callable[[LeavingError], Awaitable[None]]

_TELLING_S = 1.5


class InFlight:
    """The tasks that people wait for, each with a function that tells the person when it is given up."""

    def __init__(self) -> None:
        self._tell: dict[asyncio.Task[object], Tell] = {}
        self.is_closing = False

    def enter(self, tell: Tell) -> None:
        """Track the current task until it ends; raises LeavingError after `end` was called."""
        if self.is_closing:
            raise LeavingError
        task = asyncio.current_task()
        assert task is not None
        if task not in self._tell:
            task.add_done_callback(lambda done: self._tell.pop(done, None))
        self._tell[task] = tell

    async def end(self, grace_s: float) -> None:
        """Accept no more tasks, wait `grace_s` seconds, then cancel the remaining tasks and tell their people."""
        self.is_closing = True
        tasks = self._tell.keys() - {asyncio.current_task()}
        if not tasks:
            return
        log.info("ending: %d under way", len(tasks))
        await asyncio.wait(tasks, timeout=grace_s)
        late = {task: self._tell[task] for task in tasks if task in self._tell}
        if not late:
            return
        log.warning("ending: %d took too long and were given up", len(late))
        for task in late:
            task.cancel()
        await asyncio.wait(late, timeout=_TELLING_S)
        telling = [asyncio.create_task(_told(tell)) for tell in late.values()]
        await asyncio.wait(telling, timeout=_TELLING_S)


async def _told(tell: Tell) -> None:
    try:
        await tell(LeavingError())
    except Exception as error:  # the channel or Discord is gone
        log.info("could not tell a person of the end: %s", type(error).__name__)
