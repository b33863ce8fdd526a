"""The word lists of each language, read from index/text/languages: to add a language is to add a file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable

ENGLISH = "en"
_NAMES = {"stemmer": "", "script": "LATIN"}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language, by its ISO 639 code, in lower case unless said; a list that a file lacks is empty.

    Patterns are Python regular expressions of whole words and phrases.
    """

    code: str
    stemmer: str = ""
    """The name of its Snowball stemmer; "" for a language whose words are not stemmed."""
    script: str = "LATIN"
    """The first word of its letters' Unicode names."""
    stop_words: tuple[str, ...] = ()
    """Words that carry no topic."""
    asking: tuple[str, ...] = ()
    """Words of asking rather than of the topic: no text is expected to hold them."""
    question_words: tuple[str, ...] = ()
    asks_number: tuple[str, ...] = ()
    """Phrases of a question whose answer is a number; those of a date, a person and a place follow. Patterns."""
    asks_date: tuple[str, ...] = ()
    asks_person: tuple[str, ...] = ()
    asks_place: tuple[str, ...] = ()
    comparing: tuple[str, ...] = ()
    """Words that only say that two things differ or are alike."""
    contentless: tuple[str, ...] = ()
    """Words of a message that names no topic, such as "go on"."""
    library_words: tuple[str, ...] = ()
    """Words that name the library itself, and no part of it."""
    abbreviations: tuple[str, ...] = ()
    """What a full stop follows within a sentence, in upper and lower case as it is written. Patterns."""
    abbreviations_before_numbers: tuple[str, ...] = ()
    """Those that only before a number are abbreviations. Patterns."""
    clause_openers: tuple[str, ...] = ()
    """Words that open a main clause after a semicolon, with a capital where they are so written. Patterns."""
    explanations: tuple[str, ...] = ()
    """Phrases that give a cause, a definition, an example or a restatement. Patterns."""
    causes: tuple[str, ...] = ()
    """Phrases that give a cause. Patterns."""
    claims: tuple[str, ...] = ()
    """Phrases that mark a claim. Patterns."""
    back_matter: tuple[str, ...] = ()
    """Headings of sections that state no points of the document. Patterns."""
    cardinals: tuple[str, ...] = ()
    """The numbers from one on, in order."""
    ordinals: tuple[str, ...] = ()
    """The ordinal numbers from first on, in order."""
    numerals: tuple[str, ...] = ()
    """Words that answer how much or how many; the `numbers` where this is missing."""
    dates: tuple[str, ...] = ()
    """Words of a date, such as the months."""
    numbers: tuple[str, ...] = ()
    """Numbers in words, which a quotation must not change."""
    negations: tuple[str, ...] = ()
    """Words that reverse a sentence, which a quotation must not change."""
    negating_prefixes: tuple[str, ...] = ()
    """What reverses a word before which it stands, which a quotation must not change."""
    reversals: tuple[str, ...] = ()
    """Words that reverse an answer. Patterns."""
    reversing_prefixes: tuple[str, ...] = ()
    """What makes the opposite of a word."""
    denials: tuple[str, ...] = ()
    """Words that may say in other words that something is not so. Patterns."""
    function_words: tuple[str, ...] = ()
    """Words, besides the stop words, of which no answer is the opposite."""
    general: tuple[str, ...] = ()
    """Words too general to say that a sentence is about the opposite."""
    parts_of_names: tuple[str, ...] = ()
    """What stands before "of" in a name rather than being owned."""
    opposites: tuple[str, ...] = ()
    """Pairs of opposites, one after the other."""


class LexiconError(ValueError):
    """A file of a language is wrong: it names the file and the fault."""


@cache
def languages() -> frozenset[str]:
    """Return the ISO 639 codes of the languages that have a file."""
    return frozenset(each.name.removesuffix(".toml") for each in _folder().iterdir() if each.name.endswith(".toml"))


@cache
def lexicon(code: str) -> Lexicon:
    """Return the words of a language, those of English where it has no file; raises LexiconError for a wrong file."""
    return read(code, _folder() / f"{code}.toml") if code in languages() else lexicon(ENGLISH)


def read(code: str, file: Traversable) -> Lexicon:
    """Read the file of a language; raises LexiconError when it is no TOML, has an unknown list or one of no words."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise LexiconError(f"{file.name}: {error}") from error
    lists = {each.name for each in fields(Lexicon)} - {"code", *_NAMES}
    if unknown := content.keys() - lists.union(_NAMES):
        raise LexiconError(f"{file.name}: unknown {', '.join(sorted(unknown))}. Known: {', '.join(sorted(lists))}.")
    names = {name: content.pop(name, default) for name, default in _NAMES.items()}
    if wrong := [name for name, value in names.items() if not isinstance(value, str)]:
        raise LexiconError(f"{file.name}: {wrong[0]} is one name.")
    words = {name: _words(file, name, value) for name, value in content.items()}
    return Lexicon(code, names["stemmer"], names["script"], **words)


def _words(file: Traversable, name: str, value: Any) -> tuple[str, ...]:
    """Split one text at white space, or take a list of phrases as it is."""
    found = value.split() if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) and each.strip() for each in found):
        raise LexiconError(f'{file.name}: {name} is a text of words, or a list like ["one phrase", "another"].')
    return tuple(found)


def any_of(patterns: Iterable[str]) -> str:
    """Join patterns to one that matches each of them, and nothing where there are none."""
    return f"(?:{'|'.join(patterns) or '(?!)'})"


def _folder() -> Traversable:
    return files("index.text") / "languages"
