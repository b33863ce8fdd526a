"""Shows the progress of a build on stderr: a bar with a rate and an end time, or lines of JSON."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from prompts import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    Advance = Callable[[int, int], None]


def progress(*, as_json: bool) -> AbstractContextManager[Advance]:
    """Return a context manager that yields the callback (texts done, texts in all)."""
    return _lines() if as_json else _bar()


@contextmanager
def _lines() -> Iterator[Advance]:
    def advance(done: int, total: int) -> None:
        print(json.dumps({"done": done, "total": total}), file=sys.stderr, flush=True)

    yield advance


@contextmanager
def _bar() -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    facts = TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), TextColumn("{task.fields[end]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *facts)
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task(words("terminal.encoding"), total=None, rate="", end="")

    def advance(done: int, total: int) -> None:
        bar.start()  # only now, so that a refusal has no bar above it
        [shown] = [each for each in bar.tasks if each.id == task]
        rate = end = ""
        if shown.speed and shown.time_remaining is not None:
            rate = words("terminal.rate", rate=shown.speed)
            end = words("terminal.end", time=datetime.now() + timedelta(seconds=shown.time_remaining))
        bar.update(task, completed=done, total=total, rate=rate, end=end)

    try:
        yield advance
    finally:
        if bar.live.is_started:
            bar.stop()
