"""Tokens as quotations compare them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.comparison import Kind, tokens, without_bracketed_letters, words_of


def forms(text: str) -> list[str]:
    return [token.form for token in tokens(text)]


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("don’t", "don't"),
        ("caf\u00e9", "cafe\u0301"),
        ("re\u00admem\u200bbers", "remembers"),
        ("the \ufb01re", "the fire"),
        ("a — b", "a--b"),
        ("“so”", '"so"'),
        ("« so »", "'so'"),
        ("well… then", "well [...] then"),
        ("well. . . then", "well (…) then"),
        ("**bold** _it_ `x`", "bold it 'x'"),
    ],
)
def test_typographic_variants_are_one_form(written: str, same: str) -> None:
    """What looks alike to a reader is equal."""
    assert [form for form in forms(written) if form != '"'] == [form for form in forms(same) if form != '"']


@pytest.mark.parametrize(
    ("written", "other"), [("10²", "102"), ("3.14", "3,14"), ("1,000", "1000"), ("50%", "50"), ("Iron", "iron")]
)
def test_what_means_something_else_differs(written: str, other: str) -> None:
    """Numbers, signs and capitals are kept."""
    assert forms(written) != forms(other)


def test_kinds_and_places() -> None:
    """Offsets are into the whole text, also of a part."""
    text = "It cost 3.50 € ... or «more»!"
    found = tokens(text, 3)
    assert [(text[each.start : each.end], each.kind) for each in found] == [
        ("cost", Kind.WORD),
        ("3.50", Kind.WORD),
        ("€", Kind.SYMBOL),
        ("...", Kind.GAP),
        ("or", Kind.WORD),
        ("«", Kind.MARK),
        ("more", Kind.WORD),
        ("»", Kind.MARK),
        ("!", Kind.MARK),
    ]


def test_scripts_without_spaces() -> None:
    """Each character of Chinese, Japanese and Thai is a word; vowel signs stay with theirs."""
    assert words_of("東京は") == ["東", "京", "は"]
    assert words_of("สวัสดี") == ["ส", "วั", "ส", "ดี"]
    assert words_of("हिन्दी भाषा") == ["हिन्दी", "भाषा"]


def test_bracketed_letters() -> None:
    """The letter that replaces another is bare, and nothing moves."""
    text = without_bracketed_letters("so [T]he hand [a] thing")
    assert words_of(text) == ["so", "the", "hand", "a", "thing"]
    assert len(text) == len("so [T]he hand [a] thing")


@given(st.text(max_size=60))
def test_words_are_the_words_among_the_tokens(text: str) -> None:
    """Both ways of splitting agree on every text."""
    assert words_of(text) == [token.form.lower() for token in tokens(text) if token.kind is Kind.WORD]


@given(st.text(max_size=60))
def test_tokens_are_in_order(text: str) -> None:
    """No token is empty or before another one's end."""
    end = 0
    for token in tokens(text):
        assert end <= token.start < token.end <= len(text)
        end = token.end
