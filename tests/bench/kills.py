"""Kills builds and promotions at random moments and looks at what is left."""

from __future__ import annotations

import os
import shutil
import signal
import time
from typing import TYPE_CHECKING

import numpy as np

from index.errors import GenerationError
from index.generations.generation import load
from index.generations.manifest import live
from index.generations.promotion import promote
from tests.bench.quality import folder
from tests.bench.results import Row
from tests.index.fakes import CLAY, SEA, FakeEncoder, build_texts, hashes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_KILLS = 200
_TEXTS = (CLAY, SEA, f"{CLAY}\n\n{SEA}")


def rows() -> Iterator[Row]:
    """Fork a process that builds and promotes without a pause, kill it at a random moment, 200 times."""
    data = folder() / "kills"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    known = {}
    for text in _TEXTS:
        built = build_texts(data, text).generation
        known[built] = hashes(data / "generations" / built)
    began = time.perf_counter()
    build_texts(data, CLAY + "x", SEA)
    one_build_s = time.perf_counter() - began
    rng = np.random.default_rng(0)
    bad = resumed = 0
    for kill in range(_KILLS):
        _killed(data, kill, float(rng.uniform(0, 3 * one_build_s)))
        try:
            name = live(data)
            assert name is not None
            load(data, name)
            bad += name in known and hashes(data / "generations" / name) != known[name]
        except (GenerationError, AssertionError):
            bad += 1
        resumed += build_texts(data, CLAY, SEA, f"After kill {kill}. All is well again.").documents == 3
    yield Row(f"kill -9 at {_KILLS} moments: live generation unreadable, mixed or lost", str(bad), "0", bad == 0)
    yield Row("builds that went well right after", f"{resumed} of {_KILLS}", "all", resumed == _KILLS)


def _killed(data: Path, kill: int, after_s: float) -> None:
    child = os.fork()
    if child == 0:
        for number in range(1000):
            report = build_texts(data, CLAY, f"Kill {kill}, build {number}. Nothing else.", encoder=FakeEncoder())
            promote(data, report.generation, at="2026-01-01T00:00:00+00:00")
        os._exit(0)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    for folder_ in (data / "generations").iterdir():
        # The oldest are not what this is about, and would fill the disk.
        if not folder_.name.startswith(".") and folder_.name != live(data) and len(list(folder_.parent.iterdir())) > 40:
            shutil.rmtree(folder_)
