"""Hears Ctrl-C and SIGTERM, so that what runs until then can be ended in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def interruption() -> Iterator[asyncio.Event]:
    """Give an event that the first Ctrl-C or SIGTERM sets; a second one interrupts at once."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    before: dict[signal.Signals, Any] = {}

    def restore() -> None:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
        before.clear()

    def end() -> None:
        ended.set()
        restore()

    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        # Windows' loops have no signal handlers, and only the main thread may set them; there Ctrl-C
        # cancels this task, which takes everything down as well.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, end)
            before[number] = handler
    try:
        yield ended
    finally:
        restore()
