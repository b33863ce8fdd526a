"""Puts sentences that say what something is before sentences that only mention it, for questions like "What is X?"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index.generations.generation import Generation

_TERM = r"(?:an? |the )?(?P<term>[\w'’-]+(?: (?!of\b|in\b|for\b|to\b|with\b|from\b|and\b|or\b)[\w'’-]+){0,2})"
_START = r"\W*(?:(?:so|ok(?:ay)?|and|but|then|please|can you|could you|tell me)[, ]+)*"
_ASKS = tuple(
    re.compile(rf"{_START}{form}\W*", re.IGNORECASE)
    for form in (
        rf"what(?:'s|’s|s| is| are) (?:meant by )?{_TERM}",
        rf"what (?:does|do) {_TERM} mean",
        rf"(?:define|explain) {_TERM}",
        rf"(?:what(?:'s| is) )?(?:the )?(?:definition|meaning) of {_TERM}",
    )
)
_SAYS = r"(?:is|are|was|were|means?|refers? to|consists? of|denotes?|can be|should(?: not)? be|is called|are called)"
# What a sentence is worth that has the term as its subject, in log-odds like the fitted scores. Set by hand; quote@1 of
# `python -m tests.bench quality` stays the same to the last digit.
_DEFINES = 2.0
_PLAINLY = 2.0  # further, for what it is not or ought to be: the author's own definition
_BY_THE_WAY = -4.0  # further, for "just", "in many cases": how it appears, not what it is
_PLAIN = re.compile(
    r"\b(?:is|are) not\b|\bshould(?: not)? be\b|\bmeans?\b|\brefers? to\b|\bdefined as\b", re.IGNORECASE
)
_WAY = re.compile(r"\b(?:just|merely|in many cases|seems?|usually|often|sometimes|vague)\b", re.IGNORECASE)
# After a preposition the term is not what the sentence is about: "the form of the metaverse is ...".
_AFTER = re.compile(r"\b(?:of|in|for|to|with|from|by|as) (?:the |an? )?$", re.IGNORECASE)
_LEAD = 70  # characters before the term in which a definition may open


def defined_term(question: str) -> str | None:
    """Return X of a question of the form "What is X?", "define X" or "what does X mean"; None for any other.

    "What is the metaverse?" -> "metaverse"; "What is the capital of France?" -> None.
    """
    found = next(filter(None, (form.fullmatch(question) for form in _ASKS)), None)
    return found["term"] if found else None


def definitions_first(
    ranked: Iterable[tuple[int, float]], generation: Generation, term: str
) -> list[tuple[int, float]]:
    """Reorder (sentence number, score) pairs, best first, by the score and what the sentence says of the term."""
    name = re.escape(generation.aliases.canonical(term))
    defines = re.compile(
        rf"(?P<lead>.{{0,{_LEAD}}}?)\b{name}(?:s|es)?\b(?P<gap>[^,;:.]{{0,12}}?)\s+{_SAYS}\b", re.IGNORECASE
    )

    def value(number: int, score: float) -> float:
        text = generation.aliases.canonical(generation.sentence(number).text)
        found = defines.match(text)
        if found is None or re.search(
            r"\b(?:of|in|for|to|with|from|by|as) (?:the |an? )?$", found["lead"], re.IGNORECASE
        ):
            return score
        return score + _DEFINES + _PLAINLY * bool(_PLAIN.search(text)) + _BY_THE_WAY * bool(_WAY.search(text))

    return sorted(((number, value(number, score)) for number, score in ranked), key=lambda pair: -pair[1])
