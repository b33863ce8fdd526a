"""Prints what was measured against what is wanted (`make bench`); `python -m tests.bench speed` for a part."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from importlib import import_module

from tests.bench.results import Row, keep

PARTS = (
    "quality",
    "quotations",
    "abstention",
    "domains",
    "contradictions",
    "named",
    "languages",
    "examples",
    "ablation",
    "follow_ups",
    "next_steps",
    "acts",
    "overview",
    "speed",
    "anatomy",
    "scale",
    "pgvector",
    "start",
    "first_minute",
    "grading",
    "presses",
    "lessons",
    "lesson_classroom",
    "classroom",
    "calibration",
    "rebuilds",
    "kills",
    "troubles",
    "crashes",
    "drafts",
    "hostile",
    "outages",
    "sandbox",
    "forged",
    "budgets",
    "buckets",
    "privacy",
    "deletions",
    "shared_deletions",
    "engines",
    "round_trips",
    "pdf",
    "reading",
    "soak",
    "cluster",
    "rolling_update",
)
_MET = {True: "met", False: "NOT MET", None: ""}
_OPTIONS = {
    "crashes": "times",
    "deletions": "runs",
    "shared_deletions": "runs",
    "engines": "people",
    "soak": "minutes",
    "cluster": "minutes kills failovers rate",
    "rolling_update": "since",
}


def main() -> None:
    """Measure the parts asked for, printing each line of the table as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="by default all of them")
    parser.add_argument("--keep", action="store_true", help="keep what is found in docs/benchmarks")
    parser.add_argument("--sample", type=int, metavar="N", help="with drafts: print N of them to read instead")
    parser.add_argument("--seed", type=int, default=0, help="which sample")
    parser.add_argument("--times", type=int, metavar="N", help="with crashes: how often to kill the bot")
    parser.add_argument("--runs", type=int, metavar="N", help="with deletions: how many people to delete")
    parser.add_argument("--people", type=int, metavar="N", help="with engines: how many people to copy")
    parser.add_argument("--minutes", type=float, metavar="N", help="with soak and cluster: for how long")
    parser.add_argument("--kills", type=int, metavar="N", help="with cluster: how often to kill a process")
    parser.add_argument("--failovers", type=int, metavar="N", help="with cluster: how often the standby takes over")
    parser.add_argument("--rate", type=float, metavar="N", help="with cluster: questions a second")
    since = "with rolling_update: the version before; by default the last tag, or else the parent commit"
    parser.add_argument("--from", "--since", dest="since", metavar="REV", help=since)
    asked = parser.parse_args()
    # What everybody has; whatever is measured on OpenVINO asks for it.
    os.environ.setdefault("TUTOR_BACKEND", "torch")
    if asked.sample:
        import_module("tests.bench.drafts").print_sample(asked.sample, asked.seed)
        return
    for part in asked.parts or PARTS:
        options = _OPTIONS.get(part, "").split()
        given = {option: value for option in options if (value := getattr(asked, option)) is not None}
        found = []
        for each in import_module(f"tests.bench.{part}").rows(**given):
            found.append(each)
            if isinstance(each, Row):
                _show(each)
        if asked.keep:
            how = "".join(
                f" --{name} {value if isinstance(value, str) else f'{value:g}'}" for name, value in given.items()
            )
            keep(part, f"python -m tests.bench {part}{how}", found, date=f"{datetime.now(UTC):%Y-%m-%d}")
            print(f"kept what {part} found", file=sys.stderr)


def _show(row: Row) -> None:
    print(f"{row.what:74} {row.measured:42} {row.wanted:12} {_MET[row.met]}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
