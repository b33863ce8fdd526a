"""Ends the bot when whoever runs it says so: kindly at the first SIGTERM or SIGINT, at once at the second."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Protocol

log = logging.getLogger(__name__)

# Everything kind is over long before. A thread that opens or builds a library cannot be interrupted, and nothing is
# lost with it: builds go on where they stopped, whatever ended them.
LAST_RESORT_S = 20.0
_CLOSING_S = 2.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Bot(Protocol):
    """What has to be ended."""

    def is_ready(self) -> bool: ...
    async def close(self) -> None: ...


async def until_told(bot: Bot, running: Coroutine[object, object, None]) -> None:
    """Have the bot run until it ends by itself, raising what it raises, or until a signal, and then close it."""
    told = asyncio.Event()
    _listen(told)
    waiting = asyncio.create_task(told.wait())
    serving = asyncio.create_task(running)
    try:
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await serving
            return
        log.info("told to end")
        if not bot.is_ready():
            serving.cancel()  # nobody can have asked anything yet
        await bot.close()
        await asyncio.wait({serving}, timeout=_CLOSING_S)
    finally:
        for task in (waiting, serving):
            task.cancel()
        await asyncio.gather(waiting, serving, return_exceptions=True)
    log.info("ended")


def _listen(told: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def hear() -> None:
        for each in _SIGNALS:
            loop.remove_signal_handler(each)
        last_resort = threading.Timer(LAST_RESORT_S, _leave)
        last_resort.daemon = True
        last_resort.start()
        told.set()

    with suppress(NotImplementedError):  # Windows, where Ctrl+C cancels all that runs
        for each in _SIGNALS:
            loop.add_signal_handler(each, hear)


def _leave() -> None:
    log.warning("ended without waiting for the library any longer")
    os._exit(0)
