"""Finds proper names in sentences, with the grammatical form that a replacement must have."""

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
_INITIALS = re.compile(r"(?:[A-Z]\.)+\Z")
_COMMON = 200  # words that name nothing
_PLACE_BEFORE = frozenset(["in", "at", "near", "throughout", "across", "toward", "towards"])
_WORLD = COUNTRIES | PLACES | NATIONALITIES | BROAD_PLACES


class Names:
    """The names of a library: which words they are, and what each is the name of."""

    def __init__(self, texts: Iterable[str], encoder: Encoder) -> None:
        """Count how often each word of the sentences is written with and without a capital, and what is around it."""
        self._capital: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        sentences = list(texts)
        for text in sentences:
            for position, word in enumerate(_WORD.findall(text)):
                if word[0].islower():
                    self._small[word.casefold()] += 1
                elif position:
                    self._capital[bare(word).casefold()] += 1
        uses: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for text in sentences:
            for start, end in self._spans(text):
                _count_use(uses[text[start:end]], text, start, end)
        self._senses = senses_of(uses, self._common(), encoder)

    def _common(self) -> list[str]:
        """List the commonest words without a capital, and pairs of them: examples of what names nothing."""
        words = [word for word, n in self._small.most_common(_COMMON * 3) if word not in FUNCTION_WORDS and n > 1]
        words = [word for word in words if word.isalpha() and not self._capital[word]][:_COMMON]
        return [*words, *(f"{one} {other}" for one, other in pairwise(words[::2]))]

    def find(self, text: str) -> Iterator[Phrase]:
        """Yield the names of a sentence, each with its form: sense, article, number, use.

        "Hans Oosting sold the Brede lock." -> "Hans Oosting" (person, "", single, noun) and "Brede" (other, the,
        single, modifier)
        """
        for start, end in self._spans(text):
            name, form = text[start:end], self._form(text, start, end)
            unit = _modified(text, end) if form[-1] == "modifier" else self.kind(name)
            yield Phrase(start, end, name, Sort.NAME, form, unit)

    def sense(self, name: str) -> str:
        """Return what a name is the name of: person, place, country, organisation, event, people, initials or other."""
        return self._senses.get(name, "other")

    def is_known_everywhere(self, name: str) -> bool:
        """Return whether everybody knows a name: a country, a people, a great city, Napoleon."""
        words = _plain_words(name)
        return any(word in HOUSEHOLD_NAMES for word in words) or all(
            word in _WORLD or word in FUNCTION_WORDS for word in words
        )

    def is_common(self, name: str) -> bool:
        """Return whether the library also writes a name without a capital: the Society, the Speaker."""
        return all(2 * self._small[word] >= self._capital[word] for word in _plain_words(name))

    def kind(self, name: str) -> str:
        """Return the word of a name that says what it is, or an empty string: "Treaty of Leeuw" -> "treaty"."""
        words = _plain_words(name)
        for word in (words[0], words[-1], *words):
            if any(word in heads for heads in HEADS.values()):
                return word
        return ""

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each name.

        "Then Simon's ship left St. Peter." -> the spans of "Simon" and "St. Peter": a capital at the start of a
        sentence does not make "Then" a name, and a possessive ending is no part of one.
        """
        opening = len(text) - len(text.lstrip("\"'\u201c\u2018("))
        for found in _NAME.finditer(text):
            words = ((found.start() + word.start(), word[0]) for word in re.finditer(r"\S+", found[0]))
            capitals = ((start, word) for start, word in words if not word[0].islower())
            start = next((start for start, word in capitals if self._is_name(word, first=start == opening)), None)
            if start is None:
                continue
            name = POSSESSIVE.sub("", text[start : found.end()])
            if not _INITIALS.search(name):
                name = name.rstrip(".")
            end = start + len(name)
            is_cut = "\n" in name or text[end : end + 1].isalnum()
            if len(name) > 2 and not is_cut and name.casefold() not in GENERAL_ADJECTIVES:
                yield start, end

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
        article = before[-1].casefold() if before else ""
        if article == "a" and name[0] in "AEIOU":
            article = "an"
        elif article not in ("the", "a", "an"):
            article = ""
        if text[end : end + 1] in _JOINTS or text[max(0, start - 1) : start] in _JOINTS:
            use = "joined"
        elif text[end : end + 1] in ("'", "\u2019"):
            use = "owner"
        elif text[end : end + 1] == " " and self.sense(name) != "person" and _modified(text, end):
            use = "modifier"
        else:
            use = "noun"
        return (self.sense(name), article, "plural" if _is_plural(name) else "single", use)


def _plain_words(name: str) -> list[str]:
    return [bare(word).casefold() for word in name.split()]


def _modified(text: str, end: int) -> str:
    """Return the stem of the common noun right behind a name, or an empty string: "lock" in "the Brede lock"."""
    behind = _AFTER.match(text, end)
    if behind is None or behind[1] or not behind[2].islower():
        return ""
    word = behind[2]
    is_verb = word in PERSON_VERBS or word in IRREGULAR_PASTS or word.endswith("ed")
    return "" if word in FUNCTION_WORDS or is_verb else stem(word)


def _is_plural(name: str) -> bool:
    last = name.split()[-1]
    return last.endswith("s") and not last.endswith(("ss", "us", "is", "os"))


def _count_use(uses: Counter[str], text: str, start: int, end: int) -> None:
    """Count a use of a name, and whether the words around it are those around persons or places."""
    before = [word.casefold() for word in _WORD.findall(text[max(0, start - 40) : start])]
    behind = _AFTER.match(text, end)
    sign, following = (behind[1], behind[2]) if behind else ("", "")
    uses["all"] += 1
    titled = before and before[-1] in PERSON_TITLES and text[start - 1 : start] == " "
    if titled or (following.casefold() in PERSON_VERBS and sign != "("):
        uses["person"] += 1
    elif before and before[-1] in _PLACE_BEFORE and (sign or not following.islower() or following in FUNCTION_WORDS):
        uses["place"] += 1
