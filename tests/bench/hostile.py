"""Feeds a hundred thousand hostile inputs through the real code and counts what breaks, hangs, pings or misquotes."""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from typing import Any

from tests.bench.quality import essay_settings
from tests.bench.results import Row
from tests.hostile.tally import Tally

_PROCESSES = 2
_WANTED = 100_000
_SHOWN = 3
_SHARE = 5000

# The dearest first, so that no process waits for another at the end.
_SHARES: tuple[tuple[str, dict[str, Any], int, int], ...] = (
    ("questions.run", {"real": True, "together": 8}, 2000, 500),
    ("answers.run", {"real": True}, 200, 200),
    ("presses.run", {}, 4000, 2000),
    ("documents.run_packages", {}, 600, 300),
    ("documents.run_bombs", {}, 15, 15),
    ("lines.run", {}, 6000, 3000),
    ("answers.run", {}, 4000, 4000),
    ("documents.run", {}, 10_000, 2500),
    ("questions.run", {}, 74_000, _SHARE),
)


def rows() -> Iterator[Row]:
    """Share the inputs out among processes, each with a seed of its own, and add up what came of them."""
    essay_settings()  # built once, before there are two of us
    found = Tally()
    # Two processes with as many threads each would only wait for one another.
    os.environ["OMP_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(_PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = [pool.submit(_run, *job) for job in _jobs()]
        for each in waiting:
            found.add(each.result())
    inputs = sum(found.inputs.values())
    yield Row("hostile inputs", f"{inputs:,}", f">= {_WANTED:,}", inputs >= _WANTED)
    for kind, number in found.inputs.items():
        yield Row(f"  {kind}", f"{number:,}")
    for what, number in {**found.notes, "refused with a sentence": found.refused}.items():
        yield Row(f"  {what}", f"{number:,}")
    for what, faults in (
        ("crashes: errors that no sentence is meant for", found.crashes),
        ("hangs: over 1 s of the processor on one input (bombs 10, real grader 2)", found.hangs),
        ("pings, links or breaks out of a quote let through", found.pings),
        ("quotes and documents not verbatim", found.altered),
    ):
        yield Row(what, str(len(faults)), "0", not faults)
        for fault in sorted(faults, key=len)[:_SHOWN]:
            yield Row(f"    {fault}", "")
    yield Row("the slowest input", f"{found.slowest_s:.2f} s: {found.slowest}")


def _jobs() -> Iterator[tuple[str, dict[str, Any], int, int]]:
    """Give what to run, with what, how often, and by which seed."""
    for run, options, count, at_once in _SHARES:
        for number, first in enumerate(range(0, count, at_once)):
            yield run, options, min(at_once, count - first), number


def _run(name: str, options: dict[str, Any], count: int, seed: int) -> Tally:
    logging.disable(logging.WARNING)
    module, _, function = name.partition(".")
    run: Callable[..., Tally] = getattr(import_module(f"tests.hostile.{module}"), function)
    return run(count, seed, **options)
