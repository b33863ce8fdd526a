"""Risk, coverage and calibration are those of the literature, worked out here by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.abstention import accepted_at_kept, bins, expected_error, perfect, risks


def test_risk_is_that_of_the_surest_so_far() -> None:
    """Surest first it is right, wrong, right, wrong: 0, 1/2, 1/3, 2/4 are wrong so far."""
    confidence, right = np.array([0.2, 0.9, 0.5, 0.7]), np.array([False, True, True, False])
    assert risks(confidence, right) == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert risks(confidence, right).mean() == pytest.approx(1 / 3)


def test_equal_confidence_is_no_merit() -> None:
    """Where everything is stated alike, the wrong ones count as answered first."""
    assert risks(np.full(3, 0.5), np.array([True, False, True])) == pytest.approx([1, 1 / 2, 1 / 3])


def test_a_perfect_order_is_wrong_only_when_nothing_right_is_left() -> None:
    """Two right of four: no risk for two, then 1/3 and 2/4."""
    assert perfect(np.array([False, True, False, True])) == pytest.approx([0, 0, 1 / 3, 1 / 2])
    assert (perfect(np.array([False, False])) == 1).all()


def test_bins_are_tenths_and_empty_ones_are_left_out() -> None:
    """0.12 and 0.18 share a bin, and 1.0 belongs to the last."""
    found = bins(np.array([0.18, 1.0, 0.12, 0.95]), np.array([True, True, False, True]))
    assert found["confidence"] == pytest.approx([0.15, 0.975])
    assert found["right"] == pytest.approx([0.5, 1.0])
    assert found["questions"].tolist() == [2, 2]


def test_the_error_weighs_bins_by_their_questions() -> None:
    """Three questions stated 0.35 off and one 0.1 off: (3 x 0.35 + 0.1) / 4."""
    confidence, right = np.array([0.65, 0.65, 0.65, 0.1]), np.array([True, True, True, False])
    assert expected_error(confidence, right) == pytest.approx((3 * 0.35 + 0.1) / 4)
    assert expected_error(np.array([0.0, 1.0]), np.array([False, True])) == 0


def test_a_threshold_keeps_95_of_100() -> None:
    """Of confidences 0.01 ... 1.00 the threshold lies between the fifth and the sixth lowest."""
    inside = np.arange(1, 101) / 100
    assert accepted_at_kept(inside, np.array([0.05, 0.06, 0.5, 0.01])) == 0.5
