"""Puts sentences that say what something is before sentences that only mention it, for questions like "What is X?"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.answering.question import content_words
from index.text.words import STOP_WORDS, stem, stems

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
        rf"what (?:does|do|did) [\w ]{{2,30}}? mean (?:by|with) {_TERM}",
        rf"(?:define|explain) {_TERM}",
        rf"(?:what(?:'s| is) )?(?:the )?(?:definition|meaning) of {_TERM}",
        _TERM,
    )
)
_SAYS = r"(?:is|are|was|were|means?|refers? to|consists? of|denotes?|can be|should(?: not)? be|is called|are called)"
_SAYS_ONLY = (
    r"(?:(?:is|are|was|were) (?:an?|the|not|any|all|what|when|defined)|means?|refers? to|consists? of|denotes?)"
)
_MARKS = "\"“”‘’'*_"
_CALLED = r"(?:call(?:s|ed)?|(?:the )?name(?:d| of)|(?:known|defined) as|term(?:s|ed)|means? by)"
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
_WORD = re.compile(r"[^\W\d_]{2,}")
_SHORTEST = 5  # letters of a word that may need an explanation; abbreviations may be shorter
_LEAD = 70  # characters before the term in which a definition may open


def defined_term(question: str) -> str | None:
    """Return X of a question like "What is X?", "define X", "what does he mean by X" or X alone; None for any other.

    "What is the metaverse?" -> "metaverse"; "What is the capital of France?" -> None.
    """
    found = next(filter(None, (form.fullmatch(question) for form in _ASKS)), None)
    return found["term"] if found else None


def definitions_first(
    ranked: Iterable[tuple[int, float]], generation: Generation, term: str
) -> list[tuple[int, float]]:
    """Reorder (sentence number, score) pairs, best first, by the score and what the sentence says of the term."""
    form = _defining(generation, term)

    def value(number: int, score: float) -> float:
        text = generation.aliases.canonical(generation.sentence(number).text)
        if not _defines(form, text):
            return score
        return score + _DEFINES + _PLAINLY * bool(_PLAIN.search(text)) + _BY_THE_WAY * bool(_WAY.search(text))

    return sorted(((number, value(number, score)) for number, score in ranked), key=lambda pair: -pair[1])


def uses(generation: Generation, sentence: str, term: str) -> bool:
    """Return whether a sentence has all topic words of a term, in any inflection or spelling; no if it has none."""
    topic = content_words(generation.aliases.canonical(term))
    said = set(stems(generation.aliases.canonical(sentence)))
    return bool(topic) and {stem(word) for word in topic} <= said


def unusual_words(generation: Generation, text: str, most: int) -> list[str]:
    """Return the `most` rarest words of a text: those that the fewest passages of the library have, rarest first."""
    candidates = [word for word in _WORD.findall(text) if len(word) >= _SHORTEST or word.isupper()]
    terms = [word for word in dict.fromkeys(map(str.lower, candidates)) if word not in STOP_WORDS]
    return sorted(terms, key=generation.lexical_overlap.rarity, reverse=True)[:most]


def says_what_it_is(sentence: str, term: str) -> bool:
    """Return whether a sentence opens with "TERM is", "TERM means" and the like, or calls something TERM."""
    name = re.escape(term)
    said = rf"^\W*(?:an? |the )?\W*{name}(?:e?s)?\W*(?:\([^)]*\) )?{_SAYS_ONLY}\b"
    called = rf"\b{_CALLED} (?:an? |the )?(?:[{_MARKS}]+(?:[\w-]+ )?)?{name}(?:e?s)?(?=[{_MARKS},.;:)]|$)"
    return re.search(rf"{said}|{called}", sentence, re.IGNORECASE) is not None


def _defining(generation: Generation, term: str) -> re.Pattern[str]:
    name = re.escape(generation.aliases.canonical(term))
    return re.compile(
        rf"(?P<lead>.{{0,{_LEAD}}}?)\b{name}(?:s|es)?\b(?P<gap>[^,;:.]{{0,12}}?)\s+{_SAYS}\b", re.IGNORECASE
    )


def _defines(form: re.Pattern[str], text: str) -> bool:
    found = form.match(text)
    return found is not None and not _AFTER.search(found["lead"])
