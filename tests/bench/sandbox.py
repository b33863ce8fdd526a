"""Counts what a parser that a hostile file has taken over can do, and times the first document of each kind."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.documents.formats.kinds import DOCUMENTS, Kind
from index.documents.sandbox import Sandbox
from tests.bench.results import Row
from tests.index.documents.probe import CONFINED, NO_LANDLOCK, NO_SECCOMP, UNCONFINED, Targets, attempts
from tests.index.documents.probing import attacked, probed, without_capabilities

_TIMES = 7


def rows() -> Iterator[Row]:
    """Make ten attempts in the child of a real command: confined, without one means, and without any as a control."""
    with Sandbox() as reader:
        lacking = reader.start(Kind.MARKDOWN)
    yield Row("means of confinement that this platform lacks", ", ".join(lacking) or "none", "none", not lacking)
    restricted = without_capabilities()
    confined, control = _probed(CONFINED, restricted), _probed(UNCONFINED, restricted)
    for name in _ATTEMPTS:
        shown = f"{confined.get(name, 'no way')}; unconfined: {control.get(name, 'no way')}"
        yield Row(f"a parser that was taken over: {name}", shown, "no way", name not in confined)
    runs = {
        "as this user without the powers of root": confined,
        "as this user with them": _probed(CONFINED),
        "by seccomp alone, with the powers of root": _probed(NO_LANDLOCK),
    }
    for name, found in runs.items():
        yield Row(f"attempts that succeed {name}", _counted(found), "0 of 10", not found)
    yield Row("attempts that succeed by Landlock and limits alone", _counted(_probed(NO_SECCOMP)))
    yield Row("control: attempts that succeed without confinement", _counted(control), "10 of 10", len(control) == 10)
    for kind in DOCUMENTS:
        yield Row(f"start of a reader and its first {kind} file, median of {_TIMES}", f"{_first_ms(kind):.0f} ms")


_ATTEMPTS = tuple(attempts(Targets((), (), (), (), 0)))


def _probed(mode: str, prefix: Sequence[str] = ()) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder, attacked(Path(folder)) as targets:
        found = probed(Path(folder), targets, mode, prefix)
    if isinstance(found, str):
        raise RuntimeError(found)
    return found


def _counted(found: dict[str, str]) -> str:
    names = f" ({', '.join(found)})" if 0 < len(found) < 4 else ""
    return f"{len(found)} of {len(_ATTEMPTS)}{names}"


def _first_ms(kind: Kind) -> float:
    data = kind.reader().samples()[0]
    taken = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        with Sandbox() as reader:
            reader.read(data, kind, "a")
            taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)
