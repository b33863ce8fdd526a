"""Words, stems and stop words of a text, for BM25 and every other lexical feature."""

from __future__ import annotations

import re
from functools import lru_cache

import Stemmer

_WORD = re.compile(r"\w+")
_STEMMER = Stemmer.Stemmer("english", 0)  # without its own cache: `stem` has one
_STOP_WORDS = """
a an and are as at be but by for if in into is it no not of on or s such t that the their then there these they this to
was will with
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that carry no topic (Lucene's English list, and the "s" and "t" that apostrophes leave)."""


def all_words(text: str) -> list[str]:
    """Split a text into its words in lower case, in the order of the text."""
    return _WORD.findall(text.lower())


def words(text: str) -> list[str]:
    """Split a text into its words in lower case, without stop words, in the order of the text."""
    return [word for word in all_words(text) if word not in STOP_WORDS]


@lru_cache(maxsize=10_000)  # bounded: people may type any number of different words
def stem(word: str) -> str:
    """Reduce a lower-case word to its stem (Snowball, English)."""
    return str(_STEMMER.stemWord(word))


def stems(text: str) -> list[str]:
    """List the stems of a text's words, without stop words, in the order of the text."""
    return [stem(word) for word in words(text)]
