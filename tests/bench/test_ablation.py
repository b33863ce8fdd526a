"""What each part adds is measured with weights and sums that are worked out here by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.bench.ablation import first_of
from tests.bench.alone import plain_sum
from tests.bench.fit import Sample, listwise


def test_the_place_of_what_is_right_is_that_of_its_first_part() -> None:
    """A long paragraph is several passages: the best placed counts, and the first place is 1."""
    assert first_of(frozenset([4, 7]), [9, 7, 4]) == 2
    assert first_of(frozenset([9]), [9, 7, 4]) == 1
    assert first_of(frozenset([5]), [9, 7, 4]) == math.inf


def test_the_plain_sum_halves_bm25_against_its_best() -> None:
    """BM25 of 4 and 2 count as 0.5 and 0.25, and where no word is shared nothing is added."""
    cosines = np.array([0.25, 0.5], np.float32)
    bm25, nothing = np.array([4.0, 2.0], np.float32), np.zeros(2, np.float32)
    assert plain_sum(cosines, cosines, bm25, nothing) == pytest.approx([1.0, 1.25])
    assert plain_sum(cosines, nothing, bm25, bm25) == pytest.approx([1.25, 1.0])


def test_weights_follow_what_marks_the_right_sentence() -> None:
    """One column marks it, one says the opposite, one nothing; as many weights come out as columns go in."""
    features = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 1, 0.5]], np.float32)
    samples = [Sample("a", np.roll(features, turn, axis=0), np.arange(3) == turn) for turn in range(3)]
    marking, opposite, nothing = listwise(samples)
    assert marking > 1
    assert opposite < -1
    assert nothing == pytest.approx(0, abs=1e-3)
    assert len(listwise([Sample("a", each.features[:, :1], each.right) for each in samples])) == 1
