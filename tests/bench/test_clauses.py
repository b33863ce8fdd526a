"""Clauses are runs of words between commas and the like, none of them short, and together the whole sentence."""

from __future__ import annotations

from tests.bench.clauses import clauses_of

LONG = (
    "The metaverse is a place that goes on when nobody looks, which a page of the Internet is not, so that what"
    " happens in it happens to everybody who is there, and never twice."
)


def test_a_long_sentence_is_parted_where_both_sides_are_long_enough() -> None:
    """A comma before a few last words parts nothing."""
    words = LONG.replace(",", "").split()
    parted = [" ".join(words[first:last]) for first, last in clauses_of(LONG)]
    assert parted == [
        "The metaverse is a place that goes on when nobody looks",
        "which a page of the Internet is not",
        "so that what happens in it happens to everybody who is there and never twice.",
    ]


def test_a_short_sentence_is_one_clause() -> None:
    """However many commas it has."""
    assert clauses_of("Here, there, and everywhere, it is, as far as anybody can tell, the same.") == [(0, 14)]
    assert clauses_of("…") == [(0, 0)]
