"""Negations and opposites: what turns a statement into another one. For contradictions of questions and of answers."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

from index.text.words import stem

NEGATION = re.compile(
    r"not|no|never|none|neither|nor|nothing|cannot|without|\w+n['’]t|(?:are|ca|did|do|does|is|was|were|wo)nt|"
    r"fail(?:s|ed)?|hardly|lacks?",
    re.IGNORECASE,
)
"""Matches a word that negates."""
TOKEN = re.compile(r"\w+(?:['’]\w+)?")
"""Matches a word with its apostrophe."""
_CLAUSE_END = re.compile(r"[.;:!?\n]+(?=\s|$)|,|\b(?:but|while|whereas)\b", re.IGNORECASE)
_PREFIXES = ("un", "in", "im", "il", "ir", "non", "dis", "de", "anti", "a", "mis")
_SHORTEST_ROOT = 4  # characters of a word that may take one of the prefixes


def clauses(text: str) -> list[list[str]]:
    """Split a text at punctuation and words like "but" into clauses, each the list of its words in lower case."""
    return [[token.lower() for token in TOKEN.findall(clause)] for clause in _CLAUSE_END.split(text)]


@lru_cache(maxsize=10_000)
def opposites(word: str) -> frozenset[str]:
    """Return the stems that say the opposite of a stem: those of opposites.txt, and with or without a prefix."""
    longer = {prefix + word for prefix in _PREFIXES if len(word) >= _SHORTEST_ROOT}
    shorter = {word.removeprefix(prefix) for prefix in _PREFIXES if len(word) >= _SHORTEST_ROOT + len(prefix)} - {word}
    return frozenset(listed_opposites().get(word, set()) | longer | shorter)


@cache
def listed_opposites() -> dict[str, set[str]]:
    """Read the opposites of each stem from opposites.txt."""
    lines = (files("index.answering") / "opposites.txt").read_text(encoding="utf-8").splitlines()
    found: dict[str, set[str]] = {}
    for first, second in (map(stem, line.split()) for line in lines if not line.startswith("#")):
        found.setdefault(first, set()).add(second)
        found.setdefault(second, set()).add(first)
    return found
