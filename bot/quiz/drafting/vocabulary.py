"""The lists of English words in vocabulary.yaml, by which the rules of drafting tell parts of speech and names."""

from __future__ import annotations

from pathlib import Path

import yaml

_LISTS = yaml.safe_load((Path(__file__).parent / "vocabulary.yaml").read_text(encoding="utf-8"))


def _words(name: str) -> frozenset[str]:
    return frozenset(_LISTS[name].split())


AUXILIARIES = _words("auxiliaries")
DETERMINERS = _words("determiners")
PREPOSITIONS = _words("prepositions")
CONJUNCTIONS = _words("conjunctions")
PRONOUNS = _words("pronouns")
ADVERBS = _words("adverbs")
FUNCTION_WORDS = AUXILIARIES | DETERMINERS | PREPOSITIONS | CONJUNCTIONS | PRONOUNS | ADVERBS
LEANING_OPENERS = _words("leaning_openers")
LEANING_PHRASES = tuple(phrase.strip() for phrase in _LISTS["leaning_phrases"].split(";"))
PERSON_TITLES = _words("person_titles")
RULERS = _words("rulers")
PERSON_VERBS = _words("person_verbs")
GIVEN_NAMES = _words("given_names")
COUNTRIES = _words("countries")
PLACES = _words("places")
NATIONALITIES = _words("nationalities")
HOUSEHOLD_NAMES = _words("household_names")
HEADS = {sense: frozenset(words.split()) for sense, words in _LISTS["heads"].items()}
BROAD_PLACES = _words("broad_places")
MONTHS = tuple(_LISTS["months"].split())
NEVER_NAMES = _words("never_names") | frozenset(MONTHS)
GENERAL_NOUNS = _words("general_nouns")
GENERAL_ADJECTIVES = _words("general_adjectives")
COMMON_VERBS = _words("common_verbs")
ALSO_NOUNS = _words("also_nouns")
IRREGULAR_PASTS = _words("irregular_pasts")
NUMBER_WORDS = {word: int(value) for word, _, value in (pair.partition("=") for pair in _LISTS["number_words"].split())}


def _contraries(name: str) -> dict[str, tuple[str, ...]]:
    lines = (line.partition(": ") for line in _LISTS[name].splitlines())
    return {word: tuple(each.strip() for each in contraries.split("/")) for word, _, contraries in lines}


OPPOSITES = _contraries("opposites")
OPPOSITE_PREDICATES = _contraries("opposite_predicates")
OPPOSITE_OPENERS = _contraries("opposite_openers")
