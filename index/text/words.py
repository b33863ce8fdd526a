"""Words, stems and stop words of a text, for BM25 and every other lexical feature.

A script that is written without spaces (Chinese, Japanese, Thai) is split into pairs of characters, as in Lucene's
CJKBigramFilter. Stemmer and stop words are those of the language of the text; a word in another script than the
language's has the stemmer of that script's largest language. Without a language a text is English.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

import regex
import Stemmer

from index.text.lexicon import ENGLISH, lexicon

_ASCII_WORD = re.compile(r"\w+", re.ASCII)
_WORD = regex.compile(r"[\w\p{N}]+")  # with its combining marks, unlike \w of `re`
_UNSPACED_SCRIPTS = r"\p{Han}\p{Hiragana}\p{Katakana}\u30fc\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_UNSPACED = regex.compile(rf"[{_UNSPACED_SCRIPTS}]")
_RUN = regex.compile(rf"(?P<unspaced>[{_UNSPACED_SCRIPTS}]+)|[^{_UNSPACED_SCRIPTS}]+")
_CHARACTERS_A_WORD = 2  # of a script without spaces
# The largest language of a script, by the first word of its letters' Unicode names; English for any other script.
_LARGEST = {"ARABIC": "ar", "ARMENIAN": "hy", "CYRILLIC": "ru", "DEVANAGARI": "hi", "GREEK": "el", "TAMIL": "ta"}
STOP_WORDS = frozenset(lexicon(ENGLISH).stop_words)
"""Words of English that carry no topic."""


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the words of a language that carry no topic, in lower case."""
    return frozenset(lexicon(language).stop_words)


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


def words(text: str, language: str = ENGLISH) -> list[str]:
    """Split a text into its words in lower case, without the stop words of its language, in the order of the text."""
    stops = stop_words(language)
    return [word for word in all_words(text) if word not in stops]


@lru_cache(maxsize=10_000)  # bounded: people may type any number of different words
def stem(word: str, language: str = ENGLISH) -> str:
    """Reduce a lower-case word of a text in a language to its stem (Snowball)."""
    script = "LATIN" if word.isascii() else unicodedata.name(word[0], "").partition(" ")[0]
    own = lexicon(language)
    algorithm = (own if own.script == script else lexicon(_LARGEST.get(script, ENGLISH))).stemmer
    return str(_stemmer(algorithm).stemWord(word)) if algorithm else word


@cache
def _stemmer(algorithm: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(algorithm, 0)  # without its own cache: `stem` has one


def stems(text: str, language: str = ENGLISH) -> list[str]:
    """List the stems of the words of a text in a language, without stop words, in the order of the text."""
    return [stem(word, language) for word in words(text, language)]
