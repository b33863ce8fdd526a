"""Finds proper names in sentences, whole, with what grammar asks of whatever stands in their place."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.quiz.drafting.concordance import Phrase, Sort
from bot.quiz.drafting.senses import POSSESSIVE, bare, senses_of
from bot.quiz.drafting.vocabulary import (
    BROAD_PLACES,
    COUNTRIES,
    FUNCTION_WORDS,
    GENERAL_ADJECTIVES,
    HEADS,
    HOUSEHOLD_NAMES,
    IRREGULAR_PASTS,
    NATIONALITIES,
    NEVER_NAMES,
    PERSON_TITLES,
    PERSON_VERBS,
    PLACES,
)
from index.text.words import stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from index.models.encoder import Encoder

_SHORT = r"(?:St|Mt|Ft|Dr|Mr|Mrs|Jr|Sr|Gen|Col|Capt|Lt|Rev|Prof)\."
_WHOLE = r"(?=[^\W\d_])[A-Z\u00c0-\u00de][\w'\u2019]*(?:-[\w'\u2019]+)*"
_CAPITAL = rf"(?:{_SHORT}|(?:[A-Z]\.){{1,4}}|[A-Z]+\.\d+|{_WHOLE})"
_LINK = r"(?:of|of the|the|de|de la|de l'|von|van|van der|du|des|la|le|el|al|ibn|bin|di|da|for)"
_NAME = re.compile(rf"(?<![\w'\u2019-]){_CAPITAL}(?:(?:\s+{_LINK})?\s+{_CAPITAL})*")
_WORD = re.compile(r"[\w'\u2019-]+")
_AFTER = re.compile(r"\s*([,(]?)\s*([\w'\u2019-]*)")
_JOINTS = tuple("-\u2013/")
_COMMON = 200
_PLACE_BEFORE = frozenset(["in", "at", "near", "throughout", "across", "toward", "towards"])


_WORLD = COUNTRIES | PLACES | NATIONALITIES | BROAD_PLACES


class Names:
    """Knows which words of a library are names, and of what."""

    def __init__(self, texts: Iterable[str], encoder: Encoder) -> None:
        """Count, in all sentences, which words stand with a capital and which without, and what stands around them."""
        self._capital: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        sentences = list(texts)
        for text in sentences:
            for position, word in enumerate(_WORD.findall(text)):
                if word[0].islower():
                    self._small[word.casefold()] += 1
                elif position:
                    self._capital[bare(word).casefold()] += 1
        company: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for text in sentences:
            for start, end in self._spans(text):
                _look_around(company[text[start:end]], text, start, end)
        self._senses = senses_of(company, self._common(), encoder)

    def _common(self) -> list[str]:
        """List the commonest words that are written small, and pairs of them, for names that are made of such words."""
        words = [
            word for word, count in self._small.most_common(_COMMON * 3) if word not in FUNCTION_WORDS and count > 1
        ]
        words = [word for word in words if word.isalpha() and not self._capital[word]][:_COMMON]
        return [*words, *(f"{one} {other}" for one, other in pairwise(words[::2]))]

    def find(self, text: str) -> Iterator[Phrase]:
        """List the names of a sentence, whole, each with its form: sense, article, number, use, shape."""
        for start, end in self._spans(text):
            name, form = text[start:end], self._form(text, start, end)
            unit = _modified(text, end) if form[-1] == "modifier" else self.kind(name)
            yield Phrase(start, end, name, Sort.NAME, form, unit)

    def sense(self, name: str) -> str:
        """Say what a name is taken for: person, place, country, organisation, event, people, initials or other."""
        return self._senses.get(name, "other")

    def is_known_everywhere(self, name: str) -> bool:
        """Say whether a name is known all over the world: a country, a people, a great city, Napoleon."""
        words = [bare(word).casefold() for word in name.split()]
        return any(word in HOUSEHOLD_NAMES for word in words) or all(
            word in _WORLD or word in FUNCTION_WORDS for word in words
        )

    def is_common(self, name: str) -> bool:
        """Say whether a name is a word that this library also writes small: the Society, the Speaker."""
        words = [bare(word).casefold() for word in name.split()]
        return all(2 * self._small[word] >= self._capital[word] for word in words)

    def kind(self, name: str) -> str:
        """Give the word by which a name says what it is (war, treaty, university), or an empty string."""
        words = [bare(word).casefold() for word in name.split()]
        for word in (words[0], words[-1], *words):
            if any(word in heads for heads in HEADS.values()):
                return word
        return ""

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        opening = len(text) - len(text.lstrip("\"'\u201c\u2018("))
        for found in _NAME.finditer(text):
            start, end = found.span()
            words = list(re.finditer(r"\S+", found[0]))
            # A capital at the start of a sentence says nothing of the first word.
            while words and not self._is_name(words[0][0], first=start + words[0].start() == opening):
                words = words[1:]
                while words and words[0][0].islower():
                    words = words[1:]
            if not words:
                continue
            first = start + words[0].start()
            name = text[first:end]
            if cut := POSSESSIVE.search(name):
                end = first + cut.start()
            name = text[first:end].rstrip(".") if not re.search(r"(?:[A-Z]\.)+\Z", name) else text[first:end]
            end = first + len(name)
            if name.casefold() in GENERAL_ADJECTIVES:
                continue
            if len(name) > 2 and "\n" not in name and not text[end : end + 1].isalnum():
                yield first, end

    def _is_name(self, word: str, *, first: bool) -> bool:
        plain = bare(word).casefold()
        if plain in NEVER_NAMES or (plain in FUNCTION_WORDS and (first or plain in ("i", "the"))):
            return False
        if not first or (word.isupper() and len(word) > 1):
            return True
        return self._capital[plain] > self._small[plain]

    def _form(self, text: str, start: int, end: int) -> tuple[str, ...]:
        name = text[start:end]
        before = _WORD.findall(text[max(0, start - 20) : start])
        article = before[-1].casefold() if before and before[-1].casefold() in ("the", "a", "an") else ""
        if article == "a":
            article = "an" if name[0] in "AEIOU" else "a"
        modifies = text[end : end + 1] == " " and self.sense(name) != "person" and bool(_modified(text, end))
        if text[end : end + 1] in _JOINTS or text[max(0, start - 1) : start] in _JOINTS:
            use = "joined"
        elif text[end : end + 2] in ("'s", "\u2019s") or text[end : end + 1] in ("'", "\u2019"):
            use = "owner"
        else:
            use = "modifier" if modifies else "noun"
        return (self.sense(name), article, "plural" if _is_plural(name) else "single", use)


def _modified(text: str, end: int) -> str:
    """Give the stem of the common noun right behind a name, or an empty string: "lock" in "the Brede lock"."""
    behind = _AFTER.match(text, end)
    if behind is None or behind[1] or not behind[2].islower():
        return ""
    word = behind[2]
    is_verb = word in PERSON_VERBS or word in IRREGULAR_PASTS or word.endswith("ed")
    return "" if word in FUNCTION_WORDS or is_verb else stem(word)


def _is_plural(name: str) -> bool:
    last = name.split()[-1]
    return last.endswith("s") and not last.endswith(("ss", "us", "is", "os"))


def _look_around(company: Counter[str], text: str, start: int, end: int) -> None:
    """Note whether a name stands where persons do, or where places do."""
    before = [word.casefold() for word in _WORD.findall(text[max(0, start - 40) : start])]
    behind = _AFTER.match(text, end)
    sign, following = (behind[1], behind[2]) if behind else ("", "")
    company["all"] += 1
    titled = before and before[-1] in PERSON_TITLES and text[start - 1 : start] == " "
    if titled or (following.casefold() in PERSON_VERBS and sign != "("):
        company["person"] += 1
    elif before and before[-1] in _PLACE_BEFORE and (sign or not following.islower() or following in FUNCTION_WORDS):
        company["place"] += 1
