"""The texts that share the longest parts of a quotation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from index.indexes.word_pairs import WordPairs

TEXTS = [
    "the tide turns twice a day",
    "the tide turns once a day",
    "iron rusts where water stays",
    "of the and of the",
]


def pairs(texts: list[str]) -> WordPairs:
    return WordPairs(text.split() for text in texts)


def test_the_best_text_comes_first() -> None:
    """Of two that are alike, the one with every pair; then the one that has what the first lacks."""
    best, others = pairs(TEXTS).nearest(["tide", "turns", "twice", "a", "day", "where", "water", "stays"], 3)
    assert (best[0], others) == (0, [2])
    best, _ = pairs(TEXTS).nearest(["tide", "turns", "once", "a", "day"], 3)
    assert best[0] == 1


def test_stop_words_alone_are_found() -> None:
    """Unlike BM25, which leaves them out."""
    assert pairs(TEXTS).nearest(["and", "of", "the"], 3)[0][0] == 3


def test_share() -> None:
    """Counts the distinct pairs that the texts hold together."""
    found = pairs(TEXTS)
    assert found.share(["tide", "turns", "twice"], [0]) == 1
    assert found.share(["tide", "turns", "twice"], [1]) == 0.5
    assert found.share(["tide", "turns", "twice"], [2]) == 0
    assert found.share(["tide"], [0]) == 0


def test_nothing_shared_nothing_found() -> None:
    """Unknown words, no words, no texts."""
    assert pairs(TEXTS).nearest(["blue", "whales", "sing"], 3) == ([], [])
    assert pairs(TEXTS).nearest([], 3) == ([], [])
    assert pairs([]).nearest(["the", "tide"], 3) == ([], [])
    assert pairs(TEXTS).first("whale") is None
    assert pairs(TEXTS).first("tide") == 0


@given(st.lists(st.lists(st.sampled_from("abcdef"), max_size=12), max_size=8), st.data())
def test_a_text_with_all_pairs_is_among_the_best(texts: list[list[str]], data: st.DataObject) -> None:
    """Whatever is cut out of a text is found there, or in as many others as fit that hold it too."""
    long = [number for number, text in enumerate(texts) if len(text) > 1]
    if not long:
        return
    number = data.draw(st.sampled_from(long))
    first = data.draw(st.integers(0, len(texts[number]) - 2))
    part = texts[number][first : data.draw(st.integers(first + 2, len(texts[number])))]
    assert number in WordPairs(texts).nearest(part, len(texts))[0]
