"""Finds the terms of a subject: common nouns with their qualifiers that a document uses again and again."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
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


class Terms:
    """The terms of each document: noun phrases between function words."""

    def __init__(self, texts: Iterable[tuple[int, str]]) -> None:
        """Count the phrases of the sentences, each with the number of its document, and the words used as nouns."""
        self._nouns: Counter[str] = Counter()
        self._uses: Counter[tuple[int, tuple[str, ...]]] = Counter()
        for document, text in texts:
            for _, _, phrase, before in _between(text):
                self._uses[document, _key(phrase)] += 1
                if before in _ARTICLES:
                    self._nouns[phrase.split()[-1]] += 1

    def find(self, document: int, text: str) -> Iterator[Phrase]:
        """Yield the terms of a sentence, each with its form: the article before it, its number, its count of words.

        "They built a turning cap for the tallest mill." -> "turning cap" (a, single, 2)
        """
        for start, end, phrase, before in _between(text):
            words = phrase.split()
            uses = self._uses[document, _key(phrase)]
            if uses < (_FEWEST_USES if len(words) == 1 else 1) or not self._is_term(words, before):
                continue
            article = before if before in ("a", "an") else "the" if before in DETERMINERS else ""
            number = "plural" if words[-1].endswith("s") and not words[-1].endswith(("ss", "us", "is")) else "single"
            yield Phrase(start, end, phrase, Sort.TERM, (article, number, str(len(words))), stem(words[-1]))

    def _is_term(self, words: list[str], before: str) -> bool:
        """Return whether a run of words is a noun with its qualifiers: its last word is a noun elsewhere too."""
        head, qualifying = words[-1], words[:-1]
        attested = self._nouns[head] > (before in _ARTICLES) or head.endswith(_NOUN)
        if not attested or head.endswith(_NO_NOUN) or head in IRREGULAR_PASTS or head in GENERAL_NOUNS:
            return False
        if any(word in GENERAL_ADJECTIVES or word.endswith("ly") for word in qualifying):
            return False
        return bool(qualifying) or (len(head) > 4 and not head.endswith("ing"))

    def is_repeated(self, document: int, phrase: str) -> bool:
        """Return whether a document has a term more than once."""
        return self._uses[document, _key(phrase)] > 1


def _key(phrase: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in phrase.split())


def _between(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield the runs of up to _MOST_WORDS content words between function words: start, end, phrase, word before."""
    tokens = list(_TOKEN.finditer(text))
    for is_content, group in groupby(range(len(tokens)), lambda at: _is_content(tokens[at][0])):
        run = list(group)
        before = tokens[run[0] - 1][0].casefold() if run[0] else ""
        after = tokens[run[-1] + 1][0].casefold() if run[-1] + 1 < len(tokens) else "."
        start, end = tokens[run[0]].start(), tokens[run[-1]].end()
        is_parted = before in _BEFORE and (after in _AFTER or not after.isalnum())
        if is_content and is_parted and len(run) <= _MOST_WORDS and "\n" not in text[start:end]:
            yield start, end, text[start:end], before


def _is_content(token: str) -> bool:
    return bool(_WORD.fullmatch(token)) and token not in FUNCTION_WORDS
