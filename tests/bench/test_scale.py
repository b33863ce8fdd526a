"""What the measures of a large library compute is what they say."""

from __future__ import annotations

import numpy as np
import pytest

from index.indexes.vectors import VectorIndex
from index.models.pooling import unit
from tests.bench.growth import exponent
from tests.bench.neighbours import BEST, EXACT, HNSW, IVF, Measured, mixed, nearest, recall
from tests.bench.scale import search_series, taken

RNG = np.random.default_rng(7)
REAL = unit(RNG.standard_normal((50, 24)))


def test_mixed_rows_are_new_unit_rows_near_to_real_ones() -> None:
    """As many as asked for, none of them a real one or another's twin, each far nearer to a real one than chance."""
    made = mixed(REAL, 300, seed=1)
    assert (made.shape, made.dtype) == ((300, 24), np.float32)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    nearest_real = (made @ REAL.T).max(axis=1)
    by_chance = (unit(RNG.standard_normal((300, 24))) @ REAL.T).max(axis=1)
    assert nearest_real.max() < 1
    assert nearest_real.mean() > by_chance.mean() + 0.2
    assert len(np.unique(made.round(4), axis=0)) == 300


def test_mixed_rows_depend_on_the_seed_alone() -> None:
    """The same seed gives the same rows, another one others."""
    assert np.array_equal(mixed(REAL, 20, seed=1), mixed(REAL, 20, seed=1))
    assert not np.array_equal(mixed(REAL, 20, seed=1), mixed(REAL, 20, seed=2))


def test_nearest_is_the_same_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Best first, and as the exact index says, however the rows are parted."""
    rows, queries = mixed(REAL, 205, seed=1), mixed(REAL, 9, seed=2)
    monkeypatch.setattr("tests.bench.neighbours._IN_BLOCK", 50)
    assert np.array_equal(nearest(rows, queries), np.stack(VectorIndex(rows).search(queries, BEST)))


def test_recall_is_the_share_of_the_exact_ones() -> None:
    """Their order does not matter; the mean is over queries."""
    exact = np.arange(2 * BEST).reshape(2, BEST)
    assert recall(exact[:, ::-1], exact) == 1.0
    assert recall(np.where(exact < BEST // 2, 999, exact), exact) == pytest.approx(0.75)


@pytest.mark.parametrize(("after", "expected"), [(1.0, 0.0), (10.0, 0.5), (100.0, 1.0), (0.1, -0.5)])
def test_exponent_is_the_slope_on_logarithmic_axes(after: float, expected: float) -> None:
    """What does not grow has 0, what grows as the size does has 1."""
    assert exponent(10_000, 1.0, 1_000_000, after) == pytest.approx(expected)


def test_what_the_index_takes_is_told_from_what_it_is_compared_with() -> None:
    """All rows compared up to the limit, an inverted file above it; never what it does not use."""
    measured = [Measured(kind, rows, 1.0, 1.0) for rows in (20_000, 20_001) for kind in (EXACT, IVF, HNSW)]
    assert [(each.kind, each.rows) for each in taken(measured)] == [(EXACT, 20_000), (IVF, 20_001)]


def test_a_series_has_a_line_for_each_kind_and_size() -> None:
    """Columns are of one length, in the order of measuring."""
    measured = [Measured(EXACT, 10, 0.1234, 1.0, median_ms=1.23456), Measured(HNSW, 10, 2.0, 1.0, recall=0.98765)]
    columns = search_series(measured).columns
    assert [*columns] == ["kind", "rows", "milliseconds", "recall", "build_s", "resident_mb", "searched_mb"]
    assert {len(column) for column in columns.values()} == {2}
    assert (columns["milliseconds"], columns["recall"]) == ([1.235, 0.0], [0.0, 0.9877])
