"""Says what each name is the name of: by the name itself, by its company, and for the rest by names that are known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from bot.quiz.drafting.vocabulary import (
    COUNTRIES,
    GIVEN_NAMES,
    HEADS,
    NATIONALITIES,
    PERSON_TITLES,
    PLACES,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from index.models.encoder import Encoder

POSSESSIVE = re.compile(r"['\u2019]s?\Z")
# A name is a person's or a place's when so many of its uses look like it.
_SHARE = 0.3
_ROMAN = re.compile(r"[IVXLC]+")
_DIRECTIONS = frozenset(["north", "south", "east", "west", "great", "new", "northern", "southern", "saudi", "central"])
_NO_PERSON = frozenset[str]().union(*HEADS.values())
_GUESSED = ("person", "place", "country", "organisation", "event", "people", "other")
_RIDGE = 1.0
_SURE, _MARGIN, _SINGLE = 0.6, 0.35, 0.1
_FEWEST = 30  # known names from which others can be learnt


def bare(word: str) -> str:
    """Leave out a possessive ending and signs around a word."""
    return POSSESSIVE.sub("", word).strip(".,'\u2019")


def senses_of(company: Mapping[str, Mapping[str, int]], common: Sequence[str], encoder: Encoder) -> dict[str, str]:
    """Give each name's sense; `company` counts its uses: all, like a person's, like a place's.

    `common` are words that name nothing, so that names made of such words are not taken for people or places.
    """
    known = {name: sense for name in company if (sense := _by_words(name)) is not None}
    known |= _by_full_name(company, known)
    for name, uses in company.items():
        person, place = uses.get("person", 0), uses.get("place", 0)
        if name not in known and max(person, place) >= max(2.0, _SHARE * uses["all"]):
            known[name] = "person" if person > place else "place"
    unknown = [name for name in company if name not in known]
    return {**dict.fromkeys(unknown, "other"), **known, **_guessed(known, unknown, common, encoder)}


def _by_words(name: str) -> str | None:
    """Tell what a name says of itself."""
    words = [bare(word).casefold() for word in name.split()]
    if len(words) == 1 and name.isupper():
        return "initials"
    if " ".join(words) in COUNTRIES or (len(words) == 2 and words[0] in _DIRECTIONS and words[1] in COUNTRIES):
        return "country"
    for word in (words[-1], words[0], *words) if len(words) > 1 else ():
        for sense, heads in HEADS.items():
            if word in heads:
                return str(sense)
    if len(words) > 1:
        if (
            words[0] in (PERSON_TITLES | GIVEN_NAMES) - {"st", "saint"}
            or words[-1] == "khan"
            or _ROMAN.fullmatch(name.split()[-1])
        ):
            return "person"
        if words[-1] in PLACES and (words[0] in _DIRECTIONS or len(words) == 2):
            return "place"
        return "people" if words[-1] in NATIONALITIES else None
    return _by_word(words[0])


def _by_word(word: str) -> str | None:
    if word in PLACES:
        return "place"
    if word in NATIONALITIES or word.removesuffix("s") in NATIONALITIES or word.endswith(("ians", "ists", "men")):
        return "people"
    if word in GIVEN_NAMES:
        return "person"
    if word.endswith(("land", "shire", "burg", "stan", "ville", "borough")):
        return "place"
    return None


def _by_full_name(company: Mapping[str, object], known: Mapping[str, str]) -> dict[str, str]:
    """Know a person by one name whose full name was known: "Talbeek" after "Simon Talbeek"."""
    parts: dict[str, str] = {}
    for name, sense in known.items():
        words = name.split()
        if sense == "person" and len(words) > 1 and "of" not in words:
            parts.update(dict.fromkeys((words[0], words[-1]), "person"))
    return {
        name: "person"
        for name in company
        if name not in known and name in parts and name.casefold() not in PERSON_TITLES | _NO_PERSON
    }


def _guessed(
    known: Mapping[str, str], unknown: Sequence[str], common: Sequence[str], encoder: Encoder
) -> dict[str, str]:
    """Learn from names that are known what the others are, by the model's words: a ridge regression on each sense."""
    taught = {name: sense for name, sense in known.items() if sense in _GUESSED}
    if len(taught) < _FEWEST or not unknown:
        return {}
    taught = {
        **{" ".join(word.capitalize() for word in each.split()): "other" for each in common},
        **{word.capitalize(): "country" for word in COUNTRIES},
        **{word.capitalize(): "people" for word in NATIONALITIES},
        **{word.capitalize(): "place" for word in PLACES},
        **{word.capitalize(): "person" for word in GIVEN_NAMES},
        **taught,
    }
    features = _features([*taught, *unknown], encoder)
    given, asked = features[: len(taught)], features[len(taught) :]
    wanted = np.array([[sense == other for other in _GUESSED] for sense in taught.values()], np.float64)
    weights = np.linalg.solve(given.T @ given + _RIDGE * np.eye(given.shape[1]), given.T @ wanted)
    found = {}
    for name, scores in zip(unknown, asked @ weights, strict=True):
        second, first = np.sort(scores)[-2:]
        # A single word tells least of itself.
        if first >= _SURE + (0.0 if " " in name else _SINGLE) and first - second >= _MARGIN:
            found[name] = _GUESSED[int(scores.argmax())]
    return found


def _features(names: Sequence[str], encoder: Encoder) -> NDArray[np.float64]:
    """Describe names by the mean of their words, their last and first word, and their shape: [names, features]."""
    parts = [name.split() for name in names]
    words = list(dict.fromkeys(word for part in parts for word in part))
    rows = encoder.encode_words(words)
    place = {word: number for number, word in enumerate(words)}
    mean = np.array([rows[[place[word] for word in part]].mean(axis=0) for part in parts])
    mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9)
    last, first = (rows[[place[part[end]] for part in parts]] for end in (-1, 0))
    shape = np.array(
        [[len(p) == 1, len(p) == 2, len(p) > 2, p[-1].endswith("s"), "of" in p, "the" in p, 1.0] for p in parts]
    )
    return np.hstack([mean, 0.7 * last, 0.5 * first, 0.5 * shape]).astype(np.float64)
