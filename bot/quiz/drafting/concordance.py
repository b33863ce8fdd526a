"""The sentences of a library with an index of their words, and the phrases of a sentence that can be asked for."""

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

_REACH = 2  # sentences back in which "the treaty" may have been introduced
_ADDRESSED, _SPOKEN = 0.06, 0.12  # least share of sentences with "you", most share with quotation marks
_SPOKEN_BY = re.compile(r"[A-Z][\w'\u2019-]*: ")
_SPEAKERS = 0.05  # share of sentences that open with a speaker's name, from which a text is minutes or a dialogue
_SPEECH = re.compile(r"[\"\u201c\u201d]")
_WORD = re.compile(r"\w+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the library, verbatim at [start, end) of a document; `before` is the sentences right before it.

    The first `lead` characters are another sentence, which only says what the rest is about.
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
        """Return the numbers of the sentences that it is made of."""
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
    """Return the stems of a text: "The 4,200 guilders" -> ["the", "4,200", "guilder"]."""
    return [stem(word) for word in _WORD.findall(text.lower())]


class Concordance:
    """All sentences of a library, which stems are in which of them, and how much a stem tells."""

    def __init__(self, texts: Texts) -> None:
        self.documents = texts.documents
        self.aliases = Aliases(texts.manifest.aliases)
        numbers = {document.id: number for number, document in enumerate(texts.documents)}
        self.statements: list[Statement] = []
        for at, passage in enumerate(texts.passages):
            document = numbers[passage.document]
            before: list[str] = []
            for sentence in passage.sentences:
                text = texts.documents[document].text[sentence.start : sentence.end].rstrip()
                self.statements.append(
                    Statement(
                        number=len(self.statements),
                        document=document,
                        passage=at,
                        paragraph=passage.number,
                        heading=passage.heading,
                        start=sentence.start,
                        end=sentence.start + len(text),
                        text=text,
                        before=" ".join(before[-_REACH:]),
                    )
                )
                before.append(text)
        self._count_words()
        self._count_readers()

    def _count_words(self) -> None:
        self.stems: list[frozenset[str]] = []
        self.passage_stems: defaultdict[int, set[str]] = defaultdict(set)
        self._postings: defaultdict[str, set[int]] = defaultdict(set)
        self._uses: Counter[tuple[int, str]] = Counter()
        self._definite: Counter[tuple[int, str]] = Counter()
        for statement in self.statements:
            words = word_stems(statement.text)
            self.stems.append(frozenset(words))
            self.passage_stems[statement.passage].update(words)
            for word in words:
                self._postings[word].add(statement.number)
            self._uses.update((statement.document, word) for word in words)
            self._definite.update((statement.document, word) for article, word in pairwise(words) if article == "the")
        document_of = {statement.passage: statement.document for statement in self.statements}
        self._in_document = Counter((document_of[n], word) for n, found in self.passage_stems.items() for word in found)
        self._in_passages = Counter(word for found in self.passage_stems.values() for word in found)
        self._sizes = Counter(document_of.values())
        self._count = 1 + max(document_of, default=0)

    def _count_readers(self) -> None:
        spoken: Counter[int] = Counter()
        addressed: Counter[int] = Counter()
        total: Counter[int] = Counter()
        named: Counter[int] = Counter()
        for statement, stems in zip(self.statements, self.stems, strict=True):
            total[statement.document] += 1
            named[statement.document] += bool(_SPOKEN_BY.match(statement.text))
            spoken[statement.document] += bool(_SPEECH.search(statement.text))
            addressed[statement.document] += bool(stems & {"you", "your"})
        self._with_speakers = {
            document for document, count in total.items() if named[document] >= max(2.0, _SPEAKERS * count)
        }
        self._with_reader = {
            document
            for document, count in total.items()
            if addressed[document] >= _ADDRESSED * count and spoken[document] <= _SPOKEN * count
        }

    def addresses_reader(self, document: int) -> bool:
        """Return whether "you" in a document is its reader, not somebody who is spoken to in a story."""
        return document in self._with_reader

    def has_speakers(self, document: int) -> bool:
        """Return whether a document is minutes or a dialogue, in which few sentences make a point."""
        return document in self._with_speakers

    @cached_property
    def whole(self) -> str:
        """Return all sentences as one text, white space folded and lower case."""
        return "\n".join(folded(statement.text) for statement in self.statements)

    def joined(self, first: Statement, second: Statement) -> Statement:
        """Return two consecutive sentences as one, numbered as the second."""
        text = self.documents[first.document].text[first.start : second.end]
        return replace(second, start=first.start, text=text, before=first.before, lead=second.start - first.start)

    def is_unique(self, statement: Statement) -> bool:
        """Return whether no other sentence of the library is or contains this one."""
        return self.whole.count(folded(statement.text)) == 1

    def weight(self, word: str) -> float:
        """Return the inverse passage frequency of a stem: ln((N + 1) / (n + 0.5)); 0 for a stop word."""
        return 0.0 if word in _STOP_STEMS else math.log((self._count + 1) / (self._in_passages[word] + 0.5))

    def passages_in(self, document: int, word: str) -> int:
        """Count the passages of a document that have a stem."""
        return self._in_document[document, word]

    def passage_count(self, document: int) -> int:
        """Count the passages of a document."""
        return self._sizes[document]

    def holding(self, words: Iterable[str]) -> set[int]:
        """Return the numbers of the sentences that have all these stems."""
        found = [self._postings.get(word, set()) for word in words]
        return set.intersection(*found) if found else set()

    def is_the_only(self, document: int, noun: str) -> bool:
        """Return whether a document mostly means one thing by a noun: "the war", not "wars"."""
        return 2 * self._definite[document, noun] >= self._uses[document, noun]


def folded(text: str) -> str:
    """Fold white space and case."""
    return " ".join(text.casefold().split())


_STOP_STEMS = frozenset(stem(word) for word in STOP_WORDS) | {"which", "who", "were", "had", "has", "have", "from"}
