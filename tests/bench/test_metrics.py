"""The measures are those of the textbooks, worked out here by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.bench.metrics import Estimate, auc, difference, estimate, estimate_of, hit, ndcg, rank_of, reciprocal_rank

RANKS = [1, 2, 3, 5, 10, 11, math.inf]


def test_a_rank_counts_from_one() -> None:
    """The first place is 1, and what was not found has no place."""
    assert [rank_of(right, ["c", "a", "b"]) for right in "cabx"] == [1, 2, 3, math.inf]
    assert rank_of("a", ["b", "a", "a"]) == 2
    assert rank_of("a", []) == math.inf


@pytest.mark.parametrize(("among", "share"), [(1, 1 / 7), (2, 2 / 7), (5, 4 / 7), (10, 5 / 7)])
def test_hit_is_the_share_among_the_first(among: int, share: float) -> None:
    """The place named is still among them; what was not found never is."""
    assert hit(RANKS, among).mean() == pytest.approx(share)


def test_reciprocal_rank_stops_at_ten() -> None:
    """1, 1/2, 1/3, 1/5, 1/10, then nothing: 32/15 over seven questions."""
    assert reciprocal_rank(RANKS).mean() == pytest.approx(32 / 15 / 7)
    assert reciprocal_rank([11], among=11).mean() == pytest.approx(1 / 11)


def test_ndcg_discounts_by_the_logarithm() -> None:
    """First gains 1, third 1 / log2(4) = 1/2, seventh 1 / log2(8) = 1/3, the eleventh and the missing nothing."""
    assert ndcg([1, 3, 7, 11, math.inf]) == pytest.approx([1, 0.5, 1 / 3, 0, 0])
    assert ndcg([2]) == pytest.approx([0.63093], abs=1e-5)


def test_the_interval_is_that_of_the_binomial() -> None:
    """For 80 of 100 hits the interval is within a point of 0.8 ± 1.96 sqrt(0.8 x 0.2 / 100)."""
    found = estimate([1] * 80 + [0] * 20)
    assert found.value == pytest.approx(0.8)
    assert (found.low, found.high) == pytest.approx((0.7216, 0.8784), abs=0.011)


def test_what_never_varies_has_no_width() -> None:
    """All the same values leave nothing to doubt."""
    assert estimate([0.25] * 9) == Estimate(0.25, 0.25, 0.25)


def test_the_same_seed_draws_the_same_questions() -> None:
    """An interval can be had again, and another seed gives another, close by."""
    values = np.arange(50) / 50
    first, again, other = (estimate(values, seed, resamples=500) for seed in (0, 0, 1))
    assert first == again
    assert first != other
    assert first.low == pytest.approx(other.low, abs=0.03)


def test_a_difference_is_taken_question_by_question() -> None:
    """Two rankings that differ in the same one of ten questions: 0.1, whatever the other nine are."""
    hard = [0, 1] * 4 + [0]
    found = difference([*hard, 1], [*hard, 0])
    assert found.value == pytest.approx(0.1)
    assert found.low == 0
    assert found.high == pytest.approx(0.3)  # 0.3487 is the chance to draw it never, 0.0702 three times or more
    assert difference(hard, hard) == Estimate(0, 0, 0)


def test_nothing_and_unequal_are_refused() -> None:
    """No mean of nothing, and no difference between answers to different questions."""
    with pytest.raises(ValueError, match="nothing"):
        estimate([])
    with pytest.raises(ValueError, match="2 and 1"):
        difference([1, 0], [1])


def test_auc_is_the_share_of_pairs_in_order() -> None:
    """Of six pairs four are in order and one is a tie that counts half."""
    assert auc(np.array([0.9, 0.5]), np.array([0.1, 0.5, 0.7])) == pytest.approx(4.5 / 6)


def test_what_is_no_mean_has_an_interval_too() -> None:
    """A mean estimated as any statistic is the mean estimated as one; two groups are drawn each on its own."""
    values = np.arange(50) / 50
    assert estimate_of(lambda drawn: float(drawn.mean()), values, resamples=200) == estimate(values, resamples=200)
    found = estimate_of(auc, np.array([0.9, 0.5]), np.array([0.1, 0.5, 0.7]), resamples=500)
    assert (found.low, found.high) == (pytest.approx(0.5, abs=0.35), 1)


def test_an_estimate_reads_as_one() -> None:
    """A table shows the mean and both ends."""
    assert str(Estimate(0.8456, 0.8251, 0.8649)) == "0.846 [0.825, 0.865]"
