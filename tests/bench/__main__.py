"""Prints what was measured against what is wanted (`make bench`); `python -m tests.bench speed` for a part."""

from __future__ import annotations

import argparse
import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.bench.quality import Row

_PARTS = (
    "quality",
    "speed",
    "anatomy",
    "start",
    "grading",
    "presses",
    "classroom",
    "calibration",
    "rebuilds",
    "kills",
    "troubles",
    "crashes",
    "drafts",
    "hostile",
)
_MET = {True: "met", False: "NOT MET", None: ""}


def main() -> None:
    """Measure the parts asked for, printing each line of the table as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *_PARTS], help="by default all of them")
    parser.add_argument("--sample", type=int, metavar="N", help="with drafts: print N of them to read instead")
    parser.add_argument("--seed", type=int, default=0, help="which sample")
    parser.add_argument("--times", type=int, metavar="N", help="with crashes: how often to kill the bot")
    asked = parser.parse_args()
    # What everybody has; whatever is measured on OpenVINO asks for it.
    os.environ.setdefault("TUTOR_BACKEND", "torch")
    if asked.sample:
        import_module("tests.bench.drafts").print_sample(asked.sample, asked.seed)
        return
    for part in asked.parts or _PARTS:
        given = {"times": asked.times} if part == "crashes" and asked.times else {}
        for row in import_module(f"tests.bench.{part}").rows(**given):
            _show(row)


def _show(row: Row) -> None:
    print(f"{row.what:74} {row.measured:42} {row.wanted:12} {_MET[row.met]}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
