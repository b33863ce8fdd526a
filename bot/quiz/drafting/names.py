"""Finds proper names in sentences and what each is the name of, by what stands around it all over the library."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from bot.quiz.drafting.phrases import Phrase, Sort
from bot.quiz.drafting.vocabulary import (
    COUNTRIES,
    FUNCTION_WORDS,
    GIVEN_NAMES,
    HEADS,
    NATIONALITIES,
    NEVER_NAMES,
    PERSON_TITLES,
    PERSON_VERBS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CAPITAL = (
    r"(?:(?:[A-Z]\.){1,4}|[^\W\d_a-z][^\W\d_]*\.\d+|(?=[^\W\d_])(?-i:[A-Z\u00c0-\u00de])[\w'\u2019]*(?:-[\w'\u2019]+)*)"
)
_LINK = r"(?:of|of the|the|de|de la|de l'|von|van|van der|du|des|la|le|el|al|ibn|bin|di|da|for)"
_NAME = re.compile(rf"(?<![\w'\u2019-]){_CAPITAL}(?:(?:\s+{_LINK})?\s+{_CAPITAL})*")
_POSSESSIVE = re.compile(r"['\u2019]s?\Z")
_WORD = re.compile(r"[\w'\u2019-]+")
_AFTER = re.compile(r"\s*([,(]?)\s*([\w'\u2019-]*)")
_ROMAN = re.compile(r"[IVXLC]+")
# A name is a person's when so many of its uses look like it.
_SHARE = 0.25
_DIRECTIONS = frozenset(["north", "south", "east", "west", "great", "new", "northern", "southern", "saudi"])
_PLACE_BEFORE = frozenset(["in", "at", "near", "throughout", "across", "toward", "towards"])


_NO_PERSON = frozenset[str]().union(*HEADS.values())


class Names:
    """Knows which words of a library are names, and of what."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Count, in all sentences, which words stand with a capital and which without, and what stands around them."""
        self._capital: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        sentences = list(texts)
        for text in sentences:
            for position, word in enumerate(_WORD.findall(text)):
                if word[0].islower():
                    self._small[word.casefold()] += 1
                elif position:
                    self._capital[_bare(word).casefold()] += 1
        self._senses: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for text in sentences:
            for start, end in self._spans(text):
                self._vote(text, start, end)

    def find(self, text: str) -> Iterator[Phrase]:
        """List the names of a sentence, whole, each with its form: sense, article, number, use, shape."""
        for start, end in self._spans(text):
            name = text[start:end]
            yield Phrase(start, end, name, Sort.NAME, self._form(text, start, end), unit=self.kind(name))

    def sense(self, name: str) -> str:
        """Say what a name is taken for: person, place, organisation, event, people, initials, or other."""
        if (known := _by_words(name)) is not None:
            return known
        votes = self._senses.get(name, Counter())
        person, place = votes["person"], votes["place"]
        if max(person, place) < _SHARE * votes[""] or not votes[""]:
            return "other"
        return "person" if person > place else "place"

    def kind(self, name: str) -> str:
        """Give the word by which a name says what it is (war, treaty, university), or an empty string."""
        words = [_bare(word).casefold() for word in name.split()]
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
            if cut := _POSSESSIVE.search(name):
                end = first + cut.start()
            name = text[first:end].rstrip(".") if not re.search(r"(?:[A-Z]\.)+\Z", name) else text[first:end]
            end = first + len(name)
            if len(name) > 1 and "\n" not in name:
                yield first, end

    def _is_name(self, word: str, *, first: bool) -> bool:
        plain = _bare(word).casefold()
        if plain in NEVER_NAMES or (plain in FUNCTION_WORDS and (first or plain != "us")):
            return False
        if not first or (word.isupper() and len(word) > 1):
            return True
        return self._capital[plain] > self._small[plain]

    def _vote(self, text: str, start: int, end: int) -> None:
        before = [word.casefold() for word in _WORD.findall(text[max(0, start - 40) : start])]
        behind = _AFTER.match(text, end)
        sign, following = (behind[1], behind[2]) if behind else ("", "")
        votes = self._senses[text[start:end]]
        votes[""] += 1
        titled = before and before[-1] in PERSON_TITLES and text[start - 1 : start] == " "
        if titled or (following.casefold() in PERSON_VERBS and sign != "("):
            votes["person"] += 1
        elif (
            before and before[-1] in _PLACE_BEFORE and (sign or not following.islower() or following in FUNCTION_WORDS)
        ):
            votes["place"] += 1

    def _form(self, text: str, start: int, end: int) -> tuple[str, ...]:
        name = text[start:end]
        before = _WORD.findall(text[max(0, start - 20) : start])
        article = before[-1].casefold() if before and before[-1].casefold() in ("the", "a", "an") else ""
        if article == "a":
            article = "an" if name[0] in "AEIOU" else "a"
        behind = _AFTER.match(text, end)
        modifies = bool(
            behind and not behind[1] and behind[2].islower() and text[end : end + 1] == " "
        ) and _is_noun_like(behind[2] if behind else "")
        if text[end : end + 1] == "-" or text[start - 1 : start] == "-":
            use = "joined"
        elif text[end : end + 2] in ("'s", "\u2019s") or text[end : end + 1] in ("'", "\u2019"):
            use = "owner"
        else:
            use = "modifier" if modifies else "noun"
        return (self.sense(name), article, "plural" if _is_plural(name) else "single", use)


def _is_noun_like(word: str) -> bool:
    return word not in FUNCTION_WORDS and word not in PERSON_VERBS and not word.endswith("ed")


def _is_plural(name: str) -> bool:
    last = name.split()[-1]
    return last.endswith("s") and not last.endswith(("ss", "us", "is", "os"))


def _bare(word: str) -> str:
    return _POSSESSIVE.sub("", word).strip(".,'\u2019")


def _by_words(name: str) -> str | None:
    """Tell what a name says of itself."""
    words = [_bare(word).casefold() for word in name.split()]
    if len(words) == 1 and name.isupper():
        return "initials"
    if len(words) > 1 and words[0] in PERSON_TITLES | GIVEN_NAMES and words[-1] not in _NO_PERSON:
        return "person"
    for word in (words[-1], words[0], *words):
        for sense, heads in HEADS.items():
            if word in heads and len(words) > 1:
                return str(sense)
    if " ".join(words) in COUNTRIES or (len(words) == 2 and words[0] in _DIRECTIONS and words[1] in COUNTRIES):
        return "country"
    if len(words) == 1:
        if words[0] in GIVEN_NAMES:
            return "person"
        if words[0] in NATIONALITIES or words[0].removesuffix("s") in NATIONALITIES:
            return "people"
        if words[0].endswith(("ans", "ish", "ese", "ians", "ists", "ics")):
            return "people"
        if words[0].endswith(("land", "shire", "burg", "stan", "ville", "ton")):
            return "place"
    if _ROMAN.fullmatch(name.split()[-1]) and len(words) > 1:
        return "person"
    return None
