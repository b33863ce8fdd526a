"""Sums the rankings up: a table to read, and a result to keep that holds nobody's questions or texts."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench.metrics import difference, estimate, hit, ndcg, rank_of, reciprocal_rank
from tests.bench.results import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tests.bench.peers.running import Ranked, Task

AHEAD = 0.03  # how far ahead of every framework hit@1 is wanted to be
_MEASURES: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "hit@1": lambda ranks: hit(ranks, 1),
    "hit@5": lambda ranks: hit(ranks, 5),
    "MRR@10": reciprocal_rank,
    "nDCG@10": ndcg,
}


def result(task: Task, ours: Ranked, theirs: Sequence[Ranked], failed: Mapping[str, str], seed: int) -> dict[str, Any]:
    """Sum up as plain values: every measure with its interval, and how far ours is ahead at hit@1, paired."""
    ranks = {id(ranked): _ranks(ranked, task) for ranked in (ours, *theirs)}
    systems = []
    for ranked in (ours, *theirs):
        row: dict[str, Any] = {"system": ranked.system, "recipe": ranked.recipe, "versions": dict(ranked.versions)}
        for name, measure in _MEASURES.items():
            row[name] = _plain(estimate(measure(ranks[id(ranked)]), seed))
        if ranked is not ours:
            row["ours ahead at hit@1"] = _plain(
                difference(hit(ranks[id(ours)], 1), hit(ranks[id(ranked)], 1), seed),
            )
        row["times bare encoding"] = round(ranked.ratio, 2)
        systems.append(row)
    return {
        "questions": len(task.questions),
        "passages": len(task.passages),
        "seed": seed,
        "machine": machine(),
        "systems": systems,
        "failed": dict(failed),
    }


def lines(content: Mapping[str, Any]) -> Iterator[str]:
    """Lay a result out: a line a recipe, a line for each framework that is missing, and how far ahead we are."""
    yield f"{content['questions']} questions, {content['passages']} passages; in brackets 95 % bootstrap intervals"
    columns = [*_MEASURES, "ours ahead at hit@1"]
    yield f"{'':52} " + " ".join(f"{column:23}" for column in columns) + " times bare encoding"
    for row in content["systems"]:
        version = next(iter(row["versions"].values()))
        cells = " ".join(f"{_text(row.get(column)):23}" for column in columns)
        yield f"{row['system']} {version}, {row['recipe']:30}"[:52].ljust(52) + f" {cells} {row['times bare encoding']}"
    for peer, reason in content["failed"].items():
        yield f"{peer}: not measured: {reason}"
    yield from verdicts(content)


def verdicts(content: Mapping[str, Any]) -> Iterator[str]:
    """Say of each framework, by the recipe that did best, whether we are as far ahead as wanted."""
    best: dict[str, float] = {}
    for row in content["systems"]:
        if ahead := row.get("ours ahead at hit@1"):
            best[row["system"]] = min(ahead["value"], best.get(row["system"], np.inf))
    for system, ahead in best.items():
        met = "met" if ahead >= AHEAD else f"NOT MET, {100 * (AHEAD - ahead):.1f} points short"
        yield f"{system}, its best recipe: ours {100 * ahead:+.1f} points at hit@1 (wanted {100 * AHEAD:+.1f}): {met}"


def _ranks(ranked: Ranked, task: Task) -> NDArray[np.float64]:
    return np.array([rank_of(right, found) for right, found in zip(task.right, ranked.rankings, strict=True)])


def _plain(found: Any) -> dict[str, float]:
    return {name: round(value, 4) for name, value in dataclasses.asdict(found).items()}


def _text(cell: Mapping[str, float] | None) -> str:
    return f"{cell['value']:.3f} [{cell['low']:.3f}, {cell['high']:.3f}]" if cell else ""
