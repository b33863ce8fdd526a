"""A question's word is as near to a sentence as to the sentence's nearest word."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from index.contexts import Contexts, packed

RNG = np.random.default_rng(5)


def unit(rows: int, columns: int = 384) -> np.ndarray:
    found = RNG.standard_normal((rows, columns)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_nearest_is_the_highest_cosine_of_each_sentence() -> None:
    """The same as plain arithmetic on unpacked rows, whichever passages are looked at and in which order."""
    rows, words = unit(12), unit(3)
    tokens, sentences = np.array([0, 4, 5, 9, 12]), np.array([0, 1, 3, 4])
    contexts = Contexts(packed(rows), tokens, sentences)
    cosine = rows @ words.T
    plain = [cosine[first:last].max(axis=0) for first, last in pairwise(tokens)]
    np.testing.assert_allclose(contexts.nearest(words, np.array([0, 1, 2])), plain, atol=0.01)
    np.testing.assert_allclose(contexts.nearest(words, np.array([2, 1])), [plain[n] for n in (3, 1, 2)], atol=0.01)


@pytest.mark.parametrize("value", [1.0, -1.0, 0.0])
def test_a_byte_holds_what_a_unit_row_can_hold(value: float) -> None:
    """Extremes are cut off rather than wrapped around."""
    assert np.sign(packed(np.array([[value]], np.float32))) == np.sign(value)
