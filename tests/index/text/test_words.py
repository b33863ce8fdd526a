"""Words and stems in scripts of every kind."""

from __future__ import annotations

import pytest

from index.text.words import all_words, stem, word_count


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It's 2.0, naïve!", ["it", "s", "2", "0", "naïve"]),
        ("元宇宙 2.0", ["元宇", "宇宙", "2", "0"]),
        ("x25网络", ["x25", "网络"]),
        ("水", ["水"]),
        ("これは本です。", ["これ", "れは", "は本", "本で", "です"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("كِتَابٌ جديد", ["كِتَابٌ", "جديد"]),
        ("Это книга.", ["это", "книга"]),
        ("이것은 책이다", ["이것은", "책이다"]),
        ("", []),
    ],
)
def test_a_text_of_any_script_has_words(text: str, found: list[str]) -> None:
    """Vowel signs stay in their words; scripts without spaces give pairs of characters."""
    assert all_words(text) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [("running", "runs"), ("книгами", "книги"), ("الكتاب", "كتاب"), ("βιβλία", "βιβλίων"), ("किताबें", "किताब")],
)
def test_inflections_of_a_word_have_one_stem(one: str, other: str) -> None:
    """The stemmer goes by the script of the word."""
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("text", "count"), [("It is well-known.", 3), ("元宇宙不同于互联网。", 5), ("用 Python 写的。", 3)]
)
def test_words_are_counted_in_scripts_without_spaces_too(text: str, count: int) -> None:
    """Two characters count as a word where there are no spaces."""
    assert word_count(text) == count
