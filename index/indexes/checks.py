"""Consistency checks on index files: shapes, dtypes and id ranges, before anything is searched."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from index.errors import GenerationError

if TYPE_CHECKING:
    from collections.abc import Sequence


def check(generation: str, part: str, *facts: bool) -> None:
    """Raise GenerationError that names the damaged part, unless all facts hold."""
    if not all(facts):
        raise GenerationError(
            f"The index {generation} is damaged: its {part} do not fit the rest. Rebuild it: tutor index build."
        )


def check_postings(generation: str, scores: dict[str, Any], vocabulary: dict[str, int], count: int) -> None:
    """Check a BM25 index of `count` texts: word ids within the lists, lists within the postings, postings of texts."""
    data, indices, starts = scores["data"], scores["indices"], scores["indptr"]
    check(
        generation,
        "word index",
        scores["num_docs"] == count,
        [data.dtype.name, indices.dtype.kind, starts.dtype.kind] == ["float32", "i", "i"],
        data.ndim == starts.ndim == 1,
        data.shape == indices.shape,
        len(starts) > 0,
        all(type(id) is int for id in vocabulary.values()),
    )
    check(
        generation,
        "word index",
        rises([0, *starts.tolist(), len(data)]),
        not len(indices) or (int(indices.min()) >= 0 and int(indices.max()) < count),
        all(0 <= id < len(starts) - 1 for word, id in vocabulary.items() if word),  # the empty word is never asked for
    )


def rises(offsets: Sequence[int]) -> bool:
    """Return whether offsets are non-negative ints in ascending order; equal neighbours are allowed."""
    return all(type(first) is int and 0 <= first <= second for first, second in pairwise(offsets))
