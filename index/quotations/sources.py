"""The stretches of a library that a quotation is compared with, as tokens with their places."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from index.answering.answer import Quote, quote_sentence
from index.quotations.alignment import Coded, Numbers, coded, joined
from index.text.comparison import Kind, tokens
from index.text.quotable import LibrarySentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.documents.document import Document
    from index.generations.generation import Generation

_CANDIDATES = 5  # passages, and one more for every so many words of a quotation:
_WORDS_PER_CANDIDATE = 30
_LARGE_SHARE, _FEW_WORDS = 0.6, 8  # with so many pairs, or so few words, neighbours may hold what is missing
_MOST_BESIDE = 40  # passages on one side of the best: list items of a few words are passages too
_LEAST_SHARE = 0.35  # of the pairs of words of a quotation that have to stand in these passages together


@dataclass(frozen=True, slots=True)
class Source:
    """Stretches of a library behind each other; `passages` names the one of each token, `ranges` the documents'."""

    tokens: Coded
    passages: tuple[int, ...]
    ranges: tuple[tuple[int, int], ...]


class Sources:
    """Finds and splits the passages of one library; keeps what it has split, as quotations of a text are neighbours."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self.numbers = Numbers()
        self._split: dict[int, Coded] = {}

    def nearest(self, words: Sequence[str]) -> Iterator[Source]:
        """Yield the stretches that may hold a quotation with these words, then the same with their neighbours.

        Yields nothing when too little of the quotation is anywhere.
        """
        pairs = self.generation.word_pairs
        if len(words) == 1:
            if (number := pairs.first(words[0])) is not None:
                yield self._joined([number])
            return
        best, others = pairs.nearest(words, _CANDIDATES + len(words) // _WORDS_PER_CANDIDATE)
        alone = {*best, *others}
        share = pairs.share(words, [*alone])
        if share < _LEAST_SHARE:
            return
        yield self._joined(sorted(alone))
        beside = {each for number in best for step in (-1, 1) for each in self._beside(number, step, len(words))}
        wide = alone | beside
        if wide > alone and (len(words) <= _FEW_WORDS or max(share, pairs.share(words, [*wide])) >= _LARGE_SHARE):
            yield self._joined(sorted(wide))

    def _beside(self, number: int, step: int, words: int) -> Iterator[int]:
        """Yield the neighbours on one side, up to so many words: a quotation may begin before a passage or go on."""
        for _ in range(_MOST_BESIDE):
            if words <= 0 or not self._is_beside(number, number + step):
                return
            number += step
            words -= int(self.generation.word_pairs.lengths[number])
            yield number

    def _is_beside(self, number: int, other: int) -> bool:
        passages = self.generation.passages
        return 0 <= other < len(passages) and passages[other].document == passages[number].document

    def _joined(self, chosen: Sequence[int]) -> Source:
        runs: list[list[int]] = []
        for number in chosen:
            if runs and runs[-1][-1] == number - 1 and self._is_beside(number, number - 1):
                runs[-1].append(number)
            else:
                runs.append([number])
        owners: list[int] = []
        ranges: dict[str, tuple[int, int]] = {}
        for run in runs:
            first = len(owners)
            owners += (number for number in run for _ in self._block(number).tokens)
            document = self.generation.passages[run[0]].document
            ranges[document] = (ranges.get(document, (first, 0))[0], len(owners))
            owners.append(run[-1])  # the wall behind it
        blocks = [[self._block(number) for number in run] for run in runs]
        return Source(joined(blocks), tuple(owners), tuple(ranges.values()))

    def _block(self, number: int) -> Coded:
        if number not in self._split:
            passage, text = self.generation.passages[number], self.generation.document_of(number).text
            start, end = self.generation.around(number)
            bounds = [start, *(at for sentence in passage.sentences for at in (sentence.start, sentence.end)), end]
            # What is in no sentence (headings, notes, page numbers) may be left out, and may stick to a word.
            parts = [tokens(text, *span) for span in pairwise(bounds)]
            found = [token for part in parts for token in part]
            free = np.repeat(np.arange(len(parts)) % 2 == 0, [*map(len, parts)])
            self._split[number] = coded(found, free, self.numbers)
        return self._split[number]

    def document(self, source: Source, at: int) -> Document:
        """Return the document of a token."""
        return self.generation.document_of(source.passages[at])

    def sentence(self, source: Source, at: int) -> tuple[int, int]:
        """Return the passage and the number in it of the sentence of a token."""
        passage = self.generation.passages[source.passages[at]]
        starts = [sentence.start for sentence in passage.sentences]
        return source.passages[at], bisect_right(starts, source.tokens.tokens[at].start)

    def words_between(self, source: Source, first: int, last: int) -> int:
        """Count the words from one token to another, both left out, that belong to sentences."""
        inside = slice(min(first, last) + 1, max(first, last))
        kinds = source.tokens.kinds[inside]
        return int(((kinds == Kind.WORD) & (source.tokens.costs[inside] > 0)).sum()) + 1000 * int((kinds == 255).sum())

    def quote(self, source: Source, first: int, last: int, tail: str = "") -> Quote:
        """Quote the library from one token to another, and the `tail` where it goes on so.

        What begins outside of passages, as a heading does, is in no paragraph: `paragraph` is 0.
        """
        number, document = source.passages[first], self.document(source, first)
        passage = self.generation.passages[number]
        start, end = source.tokens.tokens[first].start, source.tokens.tokens[last].end
        if tail and document.text.startswith(tail, end):
            end += len(tail)
        quote = quote_sentence(self.generation.id, LibrarySentence(document, passage, number, start, end), score=1.0)
        return quote if passage.start <= start < passage.end else replace(quote, paragraph=0)
