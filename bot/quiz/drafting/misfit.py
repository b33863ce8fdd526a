"""Proves that a phrase does not fit a gap: no sentence of the library has it together with the rest of the words."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from bot.quiz.drafting.concordance import folded, word_stems
from bot.quiz.drafting.vocabulary import FUNCTION_WORDS, HEADS
from index.text.words import all_words, stem

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.quiz.drafting.concordance import Concordance, Phrase, Statement

# Share of the weight of a sentence's words that another sentence or passage about something else may have too.
_SENTENCE_SHARE = 0.30
_PASSAGE_SHARE = 0.60
_ALIKE = 75.0  # per cent: rapidfuzz's ratio from which two phrases may be one
_PREFIX = 5  # letters at the start of two words that share a root
_HEADS = frozenset[str]().union(*HEADS.values())
_SAME_START = re.compile(r"\W+")


class Cloze:
    """A sentence with a phrase taken out, and the weights of the words that are left."""

    def __init__(self, statement: Statement, phrase: Phrase, concordance: Concordance) -> None:
        self.statement = statement
        self.phrase = phrase
        self._concordance = concordance
        rest = f"{statement.text[: phrase.start]} {statement.text[phrase.end :]}"
        self.rest_words = [word for word in all_words(rest) if word not in FUNCTION_WORDS]
        self.rest = frozenset(word_stems(rest))
        self.weights = {word: weight for word in self.rest if (weight := concordance.weight(word)) > 0}
        self.total = sum(self.weights.values()) or 1.0
        self.key = frozenset(word_stems(phrase.text))

    def filled_with(self, option: str) -> str:
        """Return the sentence with an option in place of the phrase."""
        return f"{self.statement.text[: self.phrase.start]}{option}{self.statement.text[self.phrase.end :]}"

    def gives_itself_away(self) -> bool:
        """Return whether the rest of the sentence has the phrase, a part of it, its abbreviation or its stem."""
        phrase, text = self.phrase, self.statement.text
        # Of a word with several spellings only the spelling would be asked.
        if self._concordance.aliases.canonical(phrase.text) != phrase.text:
            return True
        if text.casefold().count(phrase.text.casefold()) != 1 or self.shares_words(phrase.text):
            return True
        initials = "".join(word[0] for word in re.findall(r"\w+", phrase.text) if word[0].isupper())
        if len(initials) > 1 and initials.casefold() in self.rest_words:
            return True
        if phrase.text.isupper() and phrase.text.isalpha():
            heads = "".join(word[0] for word in re.findall(r"\w+", text[: phrase.start] + text[phrase.end :]))
            return phrase.text.casefold() in heads.casefold()
        return False

    def shares_words(self, option: str) -> bool:
        """Return whether the rest of the sentence has a word of a phrase, or one with the same first letters."""
        for word in all_words(option):
            if word in FUNCTION_WORDS:
                continue
            if stem(word) in self.rest:
                return True
            if len(word) >= _PREFIX and any(other[:_PREFIX] == word[:_PREFIX] for other in self.rest_words):
                return True
        return False

    def excludes(self, option: str, *, near: bool) -> bool:
        """Prove that an option is wrong; `near` options (numbers) may occur in the sentence's own passage."""
        concordance, statement = self._concordance, self.statement
        words = word_stems(option)
        if concordance.aliases.canonical(option) != option or not words:
            return False
        if related(self.phrase.text, option, concordance) or self.shares_words(option):
            return False
        if not near and set(words) & concordance.passage_stems[statement.passage]:
            return False
        # A sentence that makes this option right has the option and most of the other words.
        for number in concordance.holding(words):
            here = concordance.stems[number]
            if number == statement.number or (not near and self.key <= here):
                return False
            if self._share(here) > _SENTENCE_SHARE:
                return False
            passage = concordance.statements[number].passage
            if not near and self._share(concordance.passage_stems[passage]) > _PASSAGE_SHARE:
                return False
        return True

    def _share(self, stems: Collection[str]) -> float:
        return sum(weight for word, weight in self.weights.items() if word in stems) / self.total


def related(one: str, other: str, concordance: Concordance) -> bool:
    """Return whether two phrases may mean the same or one a part or kind of the other, judged by their letters.

    "Leo Sixma" and "Sixma", "United States" and "US", "Normandy" and "Norman" are related; "1612" and "1619" are not.
    """
    a, b = (_plain(folded(concordance.aliases.canonical(each))) for each in (one, other))
    if a == b:
        return True
    if one[0].isdigit() or other[0].isdigit():
        return _SAME_START.sub("", a) == _SAME_START.sub("", b)
    words_a = {stem(word) for word in all_words(a)} - FUNCTION_WORDS
    words_b = {stem(word) for word in all_words(b)} - FUNCTION_WORDS
    if words_a <= words_b or words_b <= words_a:
        return True
    # "Captain Talbeek" is Simon Talbeek; two treaties are not one.
    last_a, last_b = a.split()[-1], b.split()[-1]
    if last_a == last_b and last_a not in _HEADS:
        return True
    if _initials(one) == other.replace(".", "") or _initials(other) == one.replace(".", ""):
        return True
    # "Norman" and "Normandy", "Scotland" and "Scottish": one root.
    roots_a, roots_b = ({word[:_PREFIX] for word in words if len(word) >= _PREFIX} for words in (words_a, words_b))
    if len(words_a) == len(words_b) == 1 and roots_a & roots_b:
        return True
    return fuzz.ratio(a, b) > _ALIKE


def _plain(text: str) -> str:
    """Remove accents: a name is often written with and without."""
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


def _initials(phrase: str) -> str:
    words = [word for word in re.findall(r"\w+", phrase) if word.casefold() not in FUNCTION_WORDS]
    return "".join(word[0].upper() for word in words) if len(words) > 1 else ""
