"""Finds the terms of a subject: common nouns with what qualifies them, which a document keeps coming back to."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from bot.quiz.drafting.concordance import Phrase, Sort
from bot.quiz.drafting.vocabulary import (
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    FUNCTION_WORDS,
    GENERAL_ADJECTIVES,
    GENERAL_NOUNS,
    IRREGULAR_PASTS,
    PREPOSITIONS,
)
from index.text.words import stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TOKEN = re.compile(r"[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*|\d[\w.,]*|[^\w\s]")
_WORD = re.compile(r"[a-z]{3,}(?:-[a-z]{2,})*")
_MOST_WORDS = 3
_FEWEST_USES = 4  # of a single word in a document; one of several words is a term by itself
_BEFORE = (DETERMINERS | PREPOSITIONS | {"called", "named", "termed"}) - {"to", "that", "both", "such", "as", "than"}
_AFTER = (PREPOSITIONS | AUXILIARIES | CONJUNCTIONS) - {"so", "yet"}
_ARTICLES = DETERMINERS - {"that", "both", "such"}
_NOUN = ("tion", "tions", "ment", "ments", "ness", "ity", "ance", "ence", "ism", "ship", "ology", "ture", "omy")
_NO_NOUN = ("ly", "ed", "ous", "ive", "ful", "less", "able", "ible")
_Span = tuple[int, int, str, str]


class Terms:
    """Knows the terms of each document: phrases between words of grammar that come back there."""

    def __init__(self, texts: Iterable[tuple[int, str]]) -> None:
        """Count phrases in sentences, each with the number of its document, and which words stand as nouns."""
        sentences = list(texts)
        self._nouns: Counter[str] = Counter()
        for _, text in sentences:
            for _, _, phrase, before in _between(text):
                if before in _ARTICLES:
                    self._nouns[phrase.split()[-1]] += 1
        self._uses: Counter[tuple[int, tuple[str, ...]]] = Counter()
        for document, text in sentences:
            self._uses.update((document, _key(phrase)) for _, _, phrase, _ in _between(text))

    def find(self, document: int, text: str) -> Iterator[Phrase]:
        """List the terms of a sentence, each with its form: what stands before it, its number, its count of words."""
        for start, end, phrase, before in _between(text):
            words = phrase.split()
            uses = self._uses[document, _key(phrase)]
            if uses < (_FEWEST_USES if len(words) == 1 else 1) or not self._is_term(words, before):
                continue
            article = before if before in ("a", "an") else "the" if before in DETERMINERS else ""
            number = "plural" if words[-1].endswith("s") and not words[-1].endswith(("ss", "us", "is")) else "single"
            yield Phrase(start, end, text[start:end], Sort.TERM, (article, number, str(len(words))), stem(words[-1]))

    def _is_term(self, words: list[str], before: str) -> bool:
        """Say whether a run of words is a noun with what qualifies it: its last word stands as one elsewhere too."""
        head, qualifying = words[-1], words[:-1]
        attested = self._nouns[head] > (before in _ARTICLES) or head.endswith(_NOUN)
        if not attested or head.endswith(_NO_NOUN) or head in IRREGULAR_PASTS:
            return False
        if head in GENERAL_NOUNS or any(word in GENERAL_ADJECTIVES or word.endswith("ly") for word in qualifying):
            return False
        return bool(qualifying) or (len(head) > 4 and not head.endswith("ing"))

    def is_repeated(self, document: int, phrase: str) -> bool:
        """Say whether a document comes back to a term."""
        return self._uses[document, _key(phrase)] > 1


def _key(phrase: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in phrase.split())


def _between(text: str) -> Iterator[_Span]:
    """List runs of up to _MOST_WORDS small words between words of grammar: start, end, phrase, the word before."""
    tokens = [(found.start(), found.end(), found[0]) for found in _TOKEN.finditer(text)]
    at = 0
    while at < len(tokens):
        if not _is_content(tokens[at][2]):
            at += 1
            continue
        last = at
        while last + 1 < len(tokens) and _is_content(tokens[last + 1][2]):
            last += 1
        before = tokens[at - 1][2].casefold() if at else ""
        after = tokens[last + 1][2].casefold() if last + 1 < len(tokens) else "."
        whole = text[tokens[at][0] : tokens[last][1]]
        if (
            last - at < _MOST_WORDS
            and before in _BEFORE
            and (after in _AFTER or not after.isalnum())
            and "\n" not in whole
        ):
            yield tokens[at][0], tokens[last][1], whole, before
        at = last + 1


def _is_content(token: str) -> bool:
    return bool(_WORD.fullmatch(token)) and token not in FUNCTION_WORDS
