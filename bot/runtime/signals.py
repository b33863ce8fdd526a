"""Turns SIGINT and SIGTERM into an awaitable shutdown event."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def interruption() -> Iterator[asyncio.Event]:
    """Yield an event that the first Ctrl-C or SIGTERM sets; a second one interrupts at once."""
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
        # Loops on Windows and in other threads have no signal handlers; there Ctrl-C cancels this task.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, end)
            before[number] = handler
    try:
        yield ended
    finally:
        restore()
