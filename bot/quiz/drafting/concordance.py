"""Knows where every word of the library stands, so that what fits where can be proved or ruled out."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from index.text.noise import Aliases
from index.text.words import STOP_WORDS, stem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index.generations.texts import Texts

_REACH = 2  # sentences back in which "the treaty" has its treaty
_WORD = re.compile(r"\w+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the library with its place; `text` is verbatim, `before` the last ones before it there.

    `lead` characters of it are a sentence of its own that only makes clear what the rest is about.
    """

    number: int
    document: int
    passage: int
    paragraph: int
    heading: str
    start: int
    end: int
    text: str
    before: str
    lead: int = 0

    @property
    def numbers(self) -> tuple[int, ...]:
        """Number the sentences it is made of."""
        return (self.number - 1, self.number) if self.lead else (self.number,)


class Sort(StrEnum):
    """The sort of a phrase; wrong options are of the same sort as the right one."""

    YEAR = "year"
    DAY = "day"
    DECADE = "decade"
    CENTURY = "century"
    QUANTITY = "quantity"
    NAME = "name"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase at text[start:end] of a sentence; phrases of the same `form` are interchangeable.

    `form` is what grammar and spelling require (a sign, a plural, an article); `unit` is what a quantity counts.
    """

    start: int
    end: int
    text: str
    sort: Sort
    form: tuple[str, ...]
    unit: str = ""

    def overlaps(self, other: Phrase) -> bool:
        """Return whether two phrases of the same text share a character."""
        return self.start < other.end and other.start < self.end


def word_stems(text: str) -> list[str]:
    """Give the stems of all words of a text, numbers with their decimals and thousands in one."""
    return [stem(word) for word in _WORD.findall(text.lower())]


class Concordance:
    """All sentences of a library, which words stand in which of them, and how much a word tells."""

    def __init__(self, texts: Texts) -> None:
        """Read the sentences of the passages once."""
        self.documents = texts.documents
        self.aliases = Aliases(texts.manifest.aliases)
        numbers = {document.id: number for number, document in enumerate(texts.documents)}
        self.statements: list[Statement] = []
        for at, passage in enumerate(texts.passages):
            document = numbers[passage.document]
            text = texts.documents[document].text
            before: list[str] = []
            for sentence in passage.sentences:
                piece = text[sentence.start : sentence.end].rstrip()
                self.statements.append(
                    Statement(
                        number=len(self.statements),
                        document=document,
                        passage=at,
                        paragraph=passage.number,
                        heading=passage.heading,
                        start=sentence.start,
                        end=sentence.start + len(piece),
                        text=piece,
                        before=" ".join(before[-_REACH:]),
                    )
                )
                before.append(piece)
        self._index()

    def _index(self) -> None:
        self.stems = [frozenset(word_stems(statement.text)) for statement in self.statements]
        self._postings: defaultdict[str, set[int]] = defaultdict(set)
        passages: defaultdict[str, set[int]] = defaultdict(set)
        in_document: Counter[tuple[int, str]] = Counter()
        for statement, found in zip(self.statements, self.stems, strict=True):
            for word in found:
                self._postings[word].add(statement.number)
                if statement.passage not in passages[word]:
                    passages[word].add(statement.passage)
                    in_document[statement.document, word] += 1
        self._uses: Counter[tuple[int, str]] = Counter()
        self._definite: Counter[tuple[int, str]] = Counter()
        for statement in self.statements:
            words = word_stems(statement.text)
            self._uses.update((statement.document, word) for word in words)
            definite = [word for article, word in pairwise(words) if article == "the"]
            self._definite.update((statement.document, word) for word in definite)
        self._passages = {word: len(found) for word, found in passages.items()}
        self._in_document = in_document
        self._count = 1 + max((statement.passage for statement in self.statements), default=0)
        self.passage_stems: dict[int, frozenset[str]] = {}
        for statement, found in zip(self.statements, self.stems, strict=True):
            self.passage_stems[statement.passage] = self.passage_stems.get(statement.passage, frozenset()) | found

    @cached_property
    def whole(self) -> str:
        """Give all sentences as one text, white space folded and lower case."""
        return "\n".join(folded(statement.text) for statement in self.statements)

    def joined(self, first: Statement, second: Statement) -> Statement:
        """Give two sentences that follow each other as one, numbered as the second."""
        text = self.documents[first.document].text[first.start : second.end]
        return replace(second, start=first.start, text=text, before=first.before, lead=second.start - first.start)

    def stands_once(self, statement: Statement) -> bool:
        """Say whether no other sentence of the library is or holds this one."""
        return self.whole.count(folded(statement.text)) == 1

    def weight(self, word: str) -> float:
        """Say how much a stem tells, 0 or more: nothing when it is a stop word, most when it is rare."""
        if word in _STOP_STEMS:
            return 0.0
        return math.log((self._count + 1) / (self._passages.get(word, 0) + 0.5))

    def passages_in(self, document: int, word: str) -> int:
        """Count the passages of a document in which a stem stands."""
        return self._in_document[document, word]

    def holding(self, words: Iterable[str]) -> set[int]:
        """Number the sentences that hold all these stems."""
        found: set[int] | None = None
        for word in words:
            here = self._postings.get(word, set())
            found = set(here) if found is None else found & here
            if not found:
                return set()
        return found or set()

    def is_the_only(self, document: int, noun: str) -> bool:
        """Say whether a document, where it uses a noun, mostly means one thing by it: "the war", not "wars"."""
        return 2 * self._definite[document, noun] >= self._uses[document, noun]

    def passage_count(self, document: int) -> int:
        """Count the passages of a document."""
        return self._sizes[document]

    @cached_property
    def _sizes(self) -> Counter[int]:
        return Counter(document for document, _ in {(s.document, s.passage) for s in self.statements})


def folded(text: str) -> str:
    """Fold white space and case."""
    return " ".join(text.casefold().split())


_STOP_STEMS = frozenset(stem(word) for word in STOP_WORDS) | {"which", "who", "were", "had", "has", "have", "from"}
