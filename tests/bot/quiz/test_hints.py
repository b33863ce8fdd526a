"""Hints uncover the source step by step."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.quiz.hints import Rung, uncovered
from tests.bot.quiz.made_up import item


def test_the_ladder() -> None:
    """Axis, first words, clause, sentence."""
    shown = [uncovered(item("1"), rung) for rung in Rung]
    assert shown == [
        "",
        "Clay remembers the hand",
        "Clay remembers the hand that shaped it",
        "Clay remembers the hand that shaped it, and glass forgets the fire at once.",
    ]


@given(st.text(min_size=1).filter(str.split))
def test_each_rung_is_a_front_of_the_quote_and_shows_no_less(quote: str) -> None:
    """Nothing is shown that the author did not write, and a paid hint never takes away."""
    shown = [" ".join(uncovered(item("1", quote=quote), rung).split()) for rung in Rung]
    assert all(" ".join(quote.split()).startswith(each) for each in shown)
    assert sorted(shown, key=len) == shown


@pytest.mark.parametrize("quote", ["Short.", "One two three four five six seven eight"])
def test_a_sentence_of_one_clause_is_not_given_away_by_the_third_hint(quote: str) -> None:
    """Unless it is too short to be cut."""
    clause = uncovered(item("1", quote=quote), Rung.CLAUSE)
    assert clause != quote or len(quote.split()) < 6
