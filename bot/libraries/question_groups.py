"""Groups questions that ask the same in other words, by how near their rows are to one another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# On the questions of tests/gaps.json: of the pairs put together this share of .86 belongs together, and .76 of those
# that belong together are. Cosines as they are do worse (.78 and .76 at .55): questions about one library all speak of
# its subject, and what they share says nothing. So their mean is taken out, the less the fewer they are.
LEAST_SIMILAR = 0.45
_FULL_MEAN = 15

Rows = NDArray[np.float32]


def grouped(rows: Rows) -> list[list[int]]:
    """Group unit rows [n, dim] by average linkage; gives the numbers of each group's rows, its most central first."""
    if not len(rows):
        return []
    own = rows - rows.sum(axis=0) / (len(rows) + _FULL_MEAN)
    own = own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-9)
    similarity = (own @ own.T).astype(np.float64)
    return [_central_first(members, similarity) for members in _linked(similarity)]


def _linked(similarity: NDArray[np.float64]) -> list[list[int]]:
    """Join the two nearest groups, by their mean similarity, until none are near enough."""
    mean = similarity.copy()
    np.fill_diagonal(mean, -np.inf)
    groups = [[number] for number in range(len(mean))]
    while True:
        one, other = sorted(divmod(int(mean.argmax()), len(mean)))
        if not mean[one, other] >= LEAST_SIMILAR:
            return [group for group in groups if group]
        sizes = len(groups[one]), len(groups[other])
        joined = (mean[one] * sizes[0] + mean[other] * sizes[1]) / sum(sizes)
        mean[one], mean[:, one] = joined, joined
        mean[one, one] = -np.inf
        mean[other], mean[:, other] = -np.inf, -np.inf
        groups[one] += groups[other]
        groups[other] = []


def _central_first(members: list[int], similarity: NDArray[np.float64]) -> list[int]:
    nearness = similarity[np.ix_(members, members)].mean(axis=1)
    return [members[place] for place in np.argsort(-nearness, kind="stable")]
