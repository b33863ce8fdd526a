"""Negations and opposites: what turns a statement into another one. For contradictions of questions and of answers."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from index.text.lexicon import ENGLISH, any_of, lexicon
from index.text.words import stem

_ENGLISH = lexicon(ENGLISH)
NEGATION = re.compile(any_of(_ENGLISH.reversals), re.IGNORECASE)
"""Matches a word that negates."""
TOKEN = re.compile(r"\w+(?:['’]\w+)?")
"""Matches a word with its apostrophe."""
_CLAUSE_END = re.compile(r"[.;:!?\n]+(?=\s|$)|,|\b(?:but|while|whereas)\b", re.IGNORECASE)
_PREFIXES = _ENGLISH.reversing_prefixes
_SHORTEST_ROOT = 4  # characters of a word that may take one of the prefixes


def clauses(text: str) -> list[list[str]]:
    """Split a text at punctuation and words like "but" into clauses, each the list of its words in lower case."""
    return [[token.lower() for token in TOKEN.findall(clause)] for clause in _CLAUSE_END.split(text)]


@lru_cache(maxsize=10_000)
def opposites(word: str) -> frozenset[str]:
    """Return the stems that say the opposite of a stem: those that are listed, and with or without a prefix."""
    longer = {prefix + word for prefix in _PREFIXES if len(word) >= _SHORTEST_ROOT}
    shorter = {word.removeprefix(prefix) for prefix in _PREFIXES if len(word) >= _SHORTEST_ROOT + len(prefix)} - {word}
    return frozenset(listed_opposites().get(word, set()) | longer | shorter)


@cache
def listed_opposites() -> dict[str, set[str]]:
    """Return the opposites of each stem that are listed."""
    words = map(stem, _ENGLISH.opposites)
    found: dict[str, set[str]] = {}
    for first, second in zip(words, words, strict=True):
        found.setdefault(first, set()).add(second)
        found.setdefault(second, set()).add(first)
    return found
