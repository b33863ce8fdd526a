"""Finds sections by their headings: a question may be a heading in other words, which the text does not repeat."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIMILAR = 0.6  # cosine from which the sections of a heading become candidates
_MOST, _OPENING = 3, 2  # headings of which sections become candidates, and passages of each
_FROM, _WEIGHT = 0.5, 24.0  # log-odds for each unit of cosine beyond _FROM: `python -m tests.bench domains`
_ABOVE_MEAN = 0.15  # the headings of one essay are all alike, and then none of them is the question


@dataclass(frozen=True, slots=True, eq=False)
class Headings:
    """Unit vectors of distinct headings, float32 [headings, dim], each encoded with its document's title.

    `of_passage`, int64 [passages], numbers the heading above each passage, -1 where there is none.
    """

    vectors: NDArray[np.float32]
    of_passage: NDArray[np.int64]

    def within(self, kept: NDArray[np.bool_]) -> Headings:
        """Return a view in which only `kept` passages (bool [passages]) have headings."""
        return replace(self, of_passage=np.where(kept, self.of_passage, -1))

    def nearest(self, row: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Match the headings with a question's unit vector, [dim].

        Returns the first passages below the nearest headings, ascending, and what each passage gains in log-odds for
        its heading, float32 [passages], 0 where that is not alike.
        """
        if not len(self.vectors):
            return np.zeros(0, np.int64), np.zeros(len(self.of_passage), np.float32)
        cosines = self.vectors @ row
        order = np.argsort(-cosines, kind="stable")[:_MOST]
        alike = order[cosines[order] >= _SIMILAR]
        found = [np.flatnonzero(self.of_passage == number)[:_OPENING] for number in alike]
        gain = _WEIGHT * np.maximum(cosines - max(_FROM, float(cosines.mean()) + _ABOVE_MEAN), 0.0)
        gains = np.where(self.of_passage >= 0, gain[self.of_passage], 0.0).astype(np.float32)
        return np.sort(np.concatenate([*found, np.zeros(0, np.int64)])), gains
