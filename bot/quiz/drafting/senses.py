"""Tells what each name is the name of: by its words, by the words around it, and else by its vector."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from bot.quiz.drafting.vocabulary import COUNTRIES, GIVEN_NAMES, HEADS, NATIONALITIES, PERSON_TITLES, PLACES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from index.models.encoder import Encoder

POSSESSIVE = re.compile(r"['\u2019]s?\Z")
_SHARE = 0.3  # of the uses of a name, from which on the words around it tell its sense
_ROMAN = re.compile(r"[IVXLC]+")
_DIRECTIONS = frozenset(["central", "east", "great", "new", "north", "northern", "saudi", "south", "southern", "west"])
_NO_PERSON = frozenset[str]().union(*HEADS.values())
_GUESSED = ("person", "place", "country", "organisation", "event", "people", "other")
_RIDGE = 1.0  # regularisation of the regression
# Its least prediction (0..1), the least distance to the second one, and how much more a single word needs.
_SURE, _MARGIN, _SINGLE = 0.6, 0.35, 0.1
_FEWEST_KNOWN = 30  # known names to train with


def bare(word: str) -> str:
    """Remove a possessive ending and signs around a word."""
    return POSSESSIVE.sub("", word).strip(".,'\u2019")


def senses_of(uses_of: Mapping[str, Mapping[str, int]], common: Sequence[str], encoder: Encoder) -> dict[str, str]:
    """Return the sense of each name; `uses_of` counts its uses: "all", and those like a "person" or a "place".

    `common` are words that name nothing: examples for the names made of such words.
    {"Simon Talbeek": {"all": 3}, "Talbeek": {"all": 1}} -> {"Simon Talbeek": "person", "Talbeek": "person"}
    """
    known = {name: sense for name in uses_of if (sense := _by_words(name)) is not None}
    known |= _by_full_name(uses_of, known)
    for name, uses in uses_of.items():
        person, place = uses.get("person", 0), uses.get("place", 0)
        if name not in known and max(person, place) >= max(2.0, _SHARE * uses["all"]):
            known[name] = "person" if person > place else "place"
    unknown = [name for name in uses_of if name not in known]
    return {**dict.fromkeys(unknown, "other"), **known, **_guessed(known, unknown, common, encoder)}


def _by_words(name: str) -> str | None:
    """Return the sense that the words of a name tell; None when they tell none."""
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


def _by_full_name(uses_of: Mapping[str, object], known: Mapping[str, str]) -> dict[str, str]:
    """Find persons by one part of a known full name: "Talbeek" after "Simon Talbeek"."""
    parts: dict[str, str] = {}
    for name, sense in known.items():
        words = name.split()
        if sense == "person" and len(words) > 1 and "of" not in words:
            parts.update(dict.fromkeys((words[0], words[-1]), "person"))
    return {
        name: "person"
        for name in uses_of
        if name not in known and name in parts and name.casefold() not in PERSON_TITLES | _NO_PERSON
    }


def _guessed(
    known: Mapping[str, str], unknown: Sequence[str], common: Sequence[str], encoder: Encoder
) -> dict[str, str]:
    """Predict the senses of unknown names from known ones by ridge regression on the vectors of their words."""
    taught = {name: sense for name, sense in known.items() if sense in _GUESSED}
    if len(taught) < _FEWEST_KNOWN or not unknown:
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
        if first >= _SURE + (0.0 if " " in name else _SINGLE) and first - second >= _MARGIN:
            found[name] = _GUESSED[int(scores.argmax())]
    return found


def _features(names: Sequence[str], encoder: Encoder) -> NDArray[np.float64]:
    """Return the mean vector of each name, that of its last and first word, and its shape: [names, features]."""
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
