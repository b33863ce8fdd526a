"""Finds the documents that a question names, as in "in the policy of Walmart", and names that no document has."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from index.text.words import STOP_WORDS, all_words, stem

if TYPE_CHECKING:
    from index.generations.generation import Generation

_KIND = (
    r"(?i:(?:(?:privacy|cookie|user|owner['’]?s?|instruction) )?(?P<kind>policy|policies|document|essay|article|paper|"
    r"book|manual|guide|handbook|report|file|faq|terms of (?:use|service)|story|minutes|notes|notice|statement|"
    r"agreement))"
)
_BEFORE = r"(?:\b(?i:in|under|according to|per|from|by|within|as for)\s+)?"
_CAPITAL = r"\b[A-Z0-9][\w.&-]{0,60}"
_SITE = r"\b[\w-]{1,60}\.(?:com|org|net)"
_NAME = rf"(?:[“\"][^”\"]{{2,80}}[”\"]|{_CAPITAL}(?: (?:of |the |and |& )?{_CAPITAL}){{0,5}}|{_SITE})"
_END = r"\s*[,:]?"
_OF = rf"{_BEFORE}\b(?:[Tt]he\s+)?{_KIND}\s+(?:of|by|on|about|for|from|called|named|titled)\s+(?:the\s+)?"
_PHRASES = (
    re.compile(rf"{_OF}(?P<name>{_NAME}){_END}"),
    re.compile(rf"{_BEFORE}(?:the\s+)?(?P<name>{_NAME})['’]s?\s+{_KIND}\b{_END}"),
)
_OF_LOWER = re.compile(rf"{_OF}(?P<words>[\w.'’&-]+(?: [\w.'’&-]+){{0,5}})")
_LAST = r"(?:\b(?:in|under|according to|from|by|within|at|of|on|for|with)\s+)(?:the\s+)?{}\W*$"
# What names of files and titles have in common, and no name of its own.
_GENERIC = frozenset(["com", "org", "net", "www", "privacy", "policy", "policies", "terms", "document"])
_FEWEST_LETTERS = 3
_MOSTLY = 0.8  # share of the passages with a word that are of the documents with that word in their names
_LONGEST_QUESTION = 1_000  # characters: the phrases take time with the square of the longest word
_OPENING = 1_000  # characters in which a document says what it is
_LONGEST = 8  # words of a name


@dataclass(frozen=True, slots=True)
class Named:
    """The documents that a question names, by id, and the question without the name.

    `is_certain` where a phrase says that they are meant; else the question only mentions the name. `absent` is a name
    that no document has and no text mentions; then there are no documents.
    """

    documents: frozenset[str]
    question: str
    is_certain: bool = True
    absent: str = ""


def named_in(generation: Generation, question: str) -> Named | None:
    """Find what a question names; None when it names no document, or all of them, and when it is very long."""
    if len(question) > _LONGEST_QUESTION:
        return None
    names = _names(generation)
    found = next(filter(None, (phrase.search(question) for phrase in _PHRASES)), None)
    if found is not None:
        if documents := names.called(found["name"]):
            return _alone(question, documents, found.start(), found.end())
        name = found["name"].strip('“”"')
        if names.are(found["kind"]) and not _mentions(generation, name):
            return Named(frozenset(), question, absent=name)
    elif (lower := _OF_LOWER.search(question)) is not None:
        words = lower["words"].split()
        for count in range(len(words), 0, -1):
            if documents := names.called(" ".join(words[:count])):
                return _alone(question, documents, lower.start(), lower.start("words") + len(" ".join(words[:count])))
    documents, said = names.mentioned(generation, question)
    if not documents:
        return None
    at_end = re.search(_LAST.format(r"\W+".join(map(re.escape, said))), question, re.IGNORECASE)
    mentioned = _alone(question, documents, at_end.start(), at_end.end()) if at_end else Named(documents, question)
    return replace(mentioned, is_certain=False)


def _alone(question: str, documents: frozenset[str], start: int, end: int) -> Named:
    """Leave the words that name the documents out of the question, unless nothing else is asked."""
    rest = f"{question[:start].rstrip()} {question[end:].lstrip()}".strip()
    return Named(documents, rest if all_words(rest) else question)


def _mentions(generation: Generation, name: str) -> bool:
    words = re.compile(r"\W+".join(map(re.escape, all_words(name))), re.IGNORECASE)
    return any(words.search(document.text) for document in _names(generation).documents)


class _Names:
    """The names of the documents of a library: their titles and file names."""

    def __init__(self, generation: Generation) -> None:
        self._joined: dict[str, set[str]] = {}
        self._words: dict[str, set[str]] = {}
        self._kinds: dict[str, bool] = {}
        found = {
            each.document for n, each in enumerate(generation.passages) if generation.kept is None or generation.kept[n]
        }
        self.documents = [document for document in generation.texts.documents if document.id in found]
        self._count = len(self.documents)
        for document in self.documents:
            for name in (document.title, PurePosixPath(document.id).stem):
                own = _own(name)
                if len("".join(own)) >= _FEWEST_LETTERS:
                    self._joined.setdefault("".join(own), set()).add(document.id)
                for word in own:
                    self._words.setdefault(stem(word), set()).add(document.id)

    def called(self, name: str) -> frozenset[str]:
        """Return the documents with a name, or with all its words in theirs; nothing when all documents have it."""
        own = _own(name)
        if not own:
            return frozenset()
        joined = "".join(own)
        exact = self._joined.get(joined) or self._joined.get(f"the{joined}")
        sharing = [self._words.get(stem(word), set()) for word in own]
        found = exact or set.intersection(*sharing)
        return frozenset(found) if len(found) < self._count else frozenset()

    def are(self, kind: str) -> bool:
        """Return whether most documents say at their beginning that they are of a kind, such as a policy."""
        if (kind := kind.lower()) not in self._kinds:
            sought = {stem(word) for word in all_words(kind)}
            openings = (all_words(f"{each.title} {each.text[:_OPENING]}") for each in self.documents)
            count = sum(sought <= {*map(stem, said)} for said in openings)
            self._kinds[kind] = self._count > 1 and 2 * count >= self._count
        return self._kinds[kind]

    def mentioned(self, generation: Generation, question: str) -> tuple[frozenset[str], list[str]]:
        """Find the documents whose whole name is in a question, and the words of that name.

        Only a name that is theirs: of the passages that have its rarest word, most are of these documents.
        """
        said = all_words(question)
        for count in range(min(_LONGEST, len(said)), 0, -1):
            for first in range(len(said) - count + 1):
                words = said[first : first + count]
                documents = self._joined.get("".join(words))
                if documents and len(documents) < self._count and _is_theirs(generation, words, documents):
                    return frozenset(documents), words
        return frozenset(), []


def _is_theirs(generation: Generation, words: list[str], documents: set[str]) -> bool:
    rarest = max(words, key=generation.lexical_overlap.rarity)
    places = np.flatnonzero(generation.passage_words.scores(generation.lexical_overlap.stems_of([rarest])) > 0)
    own = sum(generation.passages[place].document in documents for place in places.tolist())
    return bool(own >= _MOSTLY * len(places))


def _own(name: str) -> list[str]:
    """Return the words of a name that are its own: "www.sci-news.com" -> ["sci", "news"]."""
    words = all_words(re.sub(r"[-_.]", " ", name))
    return [word for word in words if word not in _GENERIC | STOP_WORDS]


def _names(generation: Generation) -> _Names:
    if generation not in _known:
        _known[generation] = _Names(generation)
    return _known[generation]


_known: WeakKeyDictionary[Generation, _Names] = WeakKeyDictionary()
