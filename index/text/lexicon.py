"""The word lists of each language, read from index/text/languages: to add a language is to add a file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ENGLISH = "en"
_NAMES = {"stemmer": "", "script": "LATIN"}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language, by its ISO 639 code. A list that a file lacks is empty; letters are in lower case."""

    code: str
    stemmer: str = ""
    """The name of its Snowball stemmer; "" for a language whose words are not stemmed."""
    script: str = "LATIN"
    """The first word of its letters' Unicode names."""
    stop_words: tuple[str, ...] = ()
    """Words that carry no topic."""
    asking: tuple[str, ...] = ()
    """Words of asking rather than of the topic: no text is expected to hold them."""
    abbreviations: tuple[str, ...] = ()
    """What a full stop follows within a sentence, in upper and lower case as it is written."""
    negations: tuple[str, ...] = ()
    """Words that reverse a sentence."""
    numbers: tuple[str, ...] = ()
    """Numbers in words."""


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


def _folder() -> Traversable:
    return files("index.text") / "languages"
