"""Words, stems and stop words of a text, for BM25 and every other lexical feature.

A script that is written without spaces (Chinese, Japanese, Thai) is split into pairs of characters, as in Lucene's
CJKBigramFilter; the stemmer is that of the script's largest language.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

import regex
import Stemmer

_ASCII_WORD = re.compile(r"\w+", re.ASCII)
_WORD = regex.compile(r"[\w\p{N}]+")  # with its combining marks, unlike \w of `re`
_UNSPACED_SCRIPTS = r"\p{Han}\p{Hiragana}\p{Katakana}\u30fc\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_UNSPACED = regex.compile(rf"[{_UNSPACED_SCRIPTS}]")
_RUN = regex.compile(rf"(?P<unspaced>[{_UNSPACED_SCRIPTS}]+)|[^{_UNSPACED_SCRIPTS}]+")
_CHARACTERS_A_WORD = 2  # of a script without spaces
# The Snowball stemmer for a script, by the first word of its letters' Unicode names; that for Latin ones is English.
_STEMMERS = {
    "ARABIC": "arabic",
    "ARMENIAN": "armenian",
    "CYRILLIC": "russian",
    "DEVANAGARI": "hindi",
    "GREEK": "greek",
    "TAMIL": "tamil",
}
_STOP_WORDS = """
a an and are as at be but by for if in into is it no not of on or s such t that the their then there these they this to
was will with
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that carry no topic (Lucene's English list, and the "s" and "t" that apostrophes leave)."""


def all_words(text: str) -> list[str]:
    """Split a text into its words in lower case, in the order of the text.

    "Was ist das?" -> ["was", "ist", "das"]; "元宇宙 2.0" -> ["元宇", "宇宙", "2", "0"].
    """
    lower = text.lower()
    if lower.isascii():
        return _ASCII_WORD.findall(lower)
    found: list[str] = []
    for word in _WORD.findall(lower):
        if _UNSPACED.search(word):
            for run in _RUN.finditer(word):
                found += _pairs(run[0]) if run["unspaced"] else [run[0]]
        else:
            found.append(word)
    return found


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def word_count(text: str) -> int:
    """Count the words between spaces; of scripts without spaces two characters count as a word."""
    if text.isascii():
        return len(text.split())
    unspaced = len(_UNSPACED.findall(text))
    if not unspaced:
        return len(text.split())
    return len(_ASCII_WORD.findall(text)) + (unspaced + 1) // _CHARACTERS_A_WORD


def words(text: str) -> list[str]:
    """Split a text into its words in lower case, without stop words, in the order of the text."""
    return [word for word in all_words(text) if word not in STOP_WORDS]


@lru_cache(maxsize=10_000)  # bounded: people may type any number of different words
def stem(word: str) -> str:
    """Reduce a lower-case word to its stem (Snowball)."""
    script = "LATIN" if word.isascii() else unicodedata.name(word[0], "").partition(" ")[0]
    return str(_stemmer(_STEMMERS.get(script, "english")).stemWord(word))


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(language, 0)  # without its own cache: `stem` has one


def stems(text: str) -> list[str]:
    """List the stems of a text's words, without stop words, in the order of the text."""
    return [stem(word) for word in words(text)]
