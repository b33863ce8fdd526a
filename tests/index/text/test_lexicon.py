"""The files of words by language."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import Stemmer

from index.text.lexicon import LexiconError, any_of, languages, lexicon, read


@pytest.mark.parametrize("code", sorted(languages()))
def test_every_file_can_be_used(code: str) -> None:
    """Its stemmer exists, its words are in lower case, and a word stands in a list once."""
    found = lexicon(code)
    assert found.stemmer in (*Stemmer.algorithms(), "")
    for words in (found.stop_words, found.asking, found.negations, found.numbers, found.dates):
        assert list(words) == [word.lower() for word in dict.fromkeys(words)]
    patterns = (found.asks_number, found.asks_date, found.asks_person, found.asks_place, found.abbreviations)
    assert all(re.compile(any_of(each)) for each in patterns)


def test_the_files_are_in_the_package() -> None:
    """What is installed has all languages, and the licence of their stop words."""
    packaged = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    assert "text/languages/*" in packaged["index"]


def test_a_language_without_a_file_is_taken_for_english() -> None:
    """A document in any language can be indexed."""
    assert lexicon("tlh") is lexicon("en")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('stop_word = "a b"', "unknown stop_word. Known: abbreviations"),
        ("stop_words = 3", "stop_words is a text of words"),
        ('asking = ["what", 3]', "asking is a text of words"),
        ("stemmer = 3", "stemmer is one name"),
        ("stemmer =", "xx.toml: Invalid value"),
    ],
)
def test_a_wrong_file_is_named_with_its_fault(tmp_path: Path, text: str, fault: str) -> None:
    """Who adds a language learns what is wrong with the file."""
    file = tmp_path / "xx.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(LexiconError, match=f"xx.toml: .*{fault.removeprefix('xx.toml: ')}"):
        read("xx", file)
