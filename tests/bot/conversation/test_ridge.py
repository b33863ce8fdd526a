"""The conjugate gradients give what solving the normal equations gives."""

from __future__ import annotations

import numpy as np

from bot.conversation.ridge import SparseRows, ridge


def test_ridge_is_the_solution_of_the_normal_equations() -> None:
    """Dense and sparse columns together, several targets at once."""
    chance = np.random.default_rng(0)
    dense = chance.normal(size=(60, 5)).astype(np.float32)
    features = [([number % 7, 7 + number % 4], 0.5 + number % 2) for number in range(60)]
    targets = chance.normal(size=(60, 3)).astype(np.float32)
    whole = np.zeros((60, 16), np.float32)
    whole[:, :5] = dense
    for row, (columns, weight) in zip(whole, features, strict=True):
        row[[5 + column for column in columns]] = weight
    expected = np.linalg.solve(whole.T @ whole + 0.3 * np.eye(16), whole.T @ targets)
    np.testing.assert_allclose(ridge(dense, SparseRows(features), targets, 0.3), expected, atol=1e-3)
