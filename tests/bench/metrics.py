"""The measures of a ranking, and how far each may be off: every table of the benchmarks is made of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from numpy.typing import ArrayLike, NDArray

_RESAMPLES = 10_000
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over questions and the ends of its 95 % bootstrap confidence interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def rank_of(right: Hashable, ranking: Sequence[Hashable]) -> float:
    """Give the place, from 1, of what is right in a ranking; infinity when it is not there."""
    return float(ranking.index(right) + 1) if right in ranking else float("inf")


def hit(ranks: ArrayLike, among: int) -> NDArray[np.float64]:
    """Give 1 for each rank that is among the first so many, else 0."""
    return (np.asarray(ranks, np.float64) <= among).astype(np.float64)


def reciprocal_rank(ranks: ArrayLike, among: int = 10) -> NDArray[np.float64]:
    """Give 1 / rank for each rank that is among the first so many, else 0; the mean of it is MRR@among."""
    return hit(ranks, among) / np.asarray(ranks, np.float64)


def ndcg(ranks: ArrayLike, among: int = 10) -> NDArray[np.float64]:
    """Give nDCG@among of rankings in which one thing alone is right: 1 / log2(rank + 1), else 0.

    The ideal ranking has it first and gains 1, so nothing is left to divide by (Järvelin and Kekäläinen, 2002).
    """
    return hit(ranks, among) / np.log2(np.asarray(ranks, np.float64) + 1)


def estimate(values: ArrayLike, seed: int = 0, resamples: int = _RESAMPLES) -> Estimate:
    """Take the mean over questions and, by drawing as many questions again and again, its percentile interval.

    The same seed and number of questions draw the same questions, whatever the values. Raises ValueError for none.
    """
    sample = np.asarray(values, np.float64)
    if not sample.size:
        raise ValueError("there is no interval around the mean of nothing")
    rng = np.random.default_rng(seed)
    means = [sample[rng.integers(0, len(sample), len(sample))].mean() for _ in range(resamples)]
    low, high = np.quantile(means, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Estimate(float(sample.mean()), float(low), float(high))


def difference(ours: ArrayLike, theirs: ArrayLike, seed: int = 0, resamples: int = _RESAMPLES) -> Estimate:
    """Estimate how far ours are ahead of theirs, question by question: what is hard for both says nothing.

    Raises ValueError when they are not as many.
    """
    first, second = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    if first.shape != second.shape:
        raise ValueError(f"{len(first)} and {len(second)} values are not of the same questions")
    return estimate(first - second, seed, resamples)


def estimate_of(
    statistic: Callable[..., float], *groups: NDArray[np.float64], seed: int = 0, resamples: int = _RESAMPLES
) -> Estimate:
    """Estimate what is no mean: `statistic` of one array for each group, whose rows are drawn again and again.

    Each group keeps its size, as if so many questions of each kind had been asked by design.
    """
    rng = np.random.default_rng(seed)
    values = [
        statistic(*(group[rng.integers(0, len(group), len(group))] for group in groups)) for _ in range(resamples)
    ]
    low, high = np.quantile(values, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Estimate(float(statistic(*groups)), float(low), float(high))


def auc(positives: NDArray[np.float64], negatives: NDArray[np.float64]) -> float:
    """Give the share of pairs in which the positive is higher, ties counting half."""
    ordered = np.sort(negatives)
    below, not_above = (np.searchsorted(ordered, positives, side=side) for side in ("left", "right"))
    return float((below + not_above).mean() / 2 / len(negatives))
