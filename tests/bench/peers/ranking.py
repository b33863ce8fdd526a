"""Runs one framework, in its own environment and process: `python -m tests.bench.peers.ranking PEER INPUT OUTPUT`."""

from __future__ import annotations

import json
import statistics
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.peers.recipes import PACKAGES, PEERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WARM_UP = 10
_TIMED = 5  # every so many questions are encoded by the bare model too


def rank(search: Callable[[str], list[int]], bare: Callable[[str], Any], questions: Sequence[str]) -> dict[str, Any]:
    """Ask one question after the other: the rankings, and how long one takes as a multiple of bare encoding.

    Bare encoding and search take turns, so that whatever else the machine does is there for both.
    """
    for question in questions[:_WARM_UP]:
        bare(question)
        search(question)
    rankings, ratios = [], []
    for number, question in enumerate(questions):
        timed = number % _TIMED == 0
        encoding = _seconds(bare, question)[1] if timed else None
        ranking, seconds = _seconds(search, question)
        rankings.append(ranking)
        if encoding is not None:
            ratios.append((seconds, encoding))
    whole, encoded = (statistics.median(column) for column in zip(*ratios, strict=True))
    return {"rankings": rankings, "seconds": whole, "ratio": whole / encoded}


def _seconds(what: Callable[[str], Any], question: str) -> tuple[Any, float]:
    start = time.perf_counter()
    result = what(question)
    return result, time.perf_counter() - start


def main() -> None:
    """Read the passages and questions, and write what the framework found."""
    peer, given, output = sys.argv[1:]
    if peer not in PEERS:
        raise SystemExit(f"there is no recipe for {peer}, only for {', '.join(PEERS)}")
    content = json.loads(Path(given).read_text(encoding="utf-8"))
    searches = PEERS[peer](content["model"], content["passages"], content["wanted"])
    from sentence_transformers import SentenceTransformer  # only where the frameworks are installed

    model = SentenceTransformer(content["model"], device="cpu")
    recipes = {
        name: rank(search, lambda question: model.encode([question]), content["questions"])
        for name, search in searches.items()
    }
    versions = {package: version(package) for package in PACKAGES[peer]}
    Path(output).write_text(json.dumps({"versions": versions, "recipes": recipes}), encoding="utf-8")


if __name__ == "__main__":
    main()
