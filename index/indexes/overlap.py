"""Lexical overlap of a question with sentences: word bigrams, character 4-grams, question words; weighted by IDF."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from index.text.lexicon import ENGLISH
from index.text.tokens import Tokens
from index.text.words import stem, stop_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

_RUN = 4  # letters
_BITS = 64  # parts of a question that one integer has room for


@lru_cache(maxsize=10_000)
def letter_runs(word: str) -> tuple[str, ...]:
    """Return the character 4-grams of a word with its edges: "cat" -> " cat", "cat "."""
    edged = f" {word} "
    return tuple(edged[i : i + _RUN] for i in range(max(1, len(edged) - _RUN + 1)))


@dataclass(frozen=True, slots=True)
class OverlapFeatures:
    """How much of a question each candidate holds, 0..1: the share of its parts, weighted by rarity.

    Arrays `sentence_*` and `kinds` are [sentences], `passage_*` [passages], in the order of the candidates.
    """

    passage_pairs: NDArray[np.float32]
    passage_letters: NDArray[np.float32]
    sentence_asking: NDArray[np.float32]
    """Share of the words of the question that carry no topic, unweighted."""
    kinds: NDArray[np.uint8]
    """NAME, NUMBER and DATE bits of words that are in the sentence but not in the question."""


class LexicalOverlap:
    """Inverted lists of the words and character 4-grams of a library, and their rarity among its passages."""

    def __init__(
        self, tokens: Tokens, passage_starts: NDArray[np.int64], languages: Sequence[str] = (ENGLISH,)
    ) -> None:
        """Take the tokens and the first sentence of each passage, int64 [passages + 1].

        `languages` are those of the passages, by which their words are stemmed, or the one of all.
        """
        self.languages = tuple(dict.fromkeys(languages)) or (ENGLISH,)
        tokens, language_of = _by_language(tokens, passage_starts, languages, self.languages)
        self._tokens = tokens
        self._passage_starts = passage_starts
        words = list(zip(tokens.words, language_of, strict=True))
        self._ids = {word: number for number, word in reversed([*enumerate(tokens.words)])}
        self._stems, self._stem_of = _numbered([stem(word, language) for word, language in words])
        topical = [bool(word) and word not in stop_words(language) for word, language in words]
        runs = [
            tuple(dict.fromkeys(letter_runs(word))) if is_topic else ()
            for word, is_topic in zip(tokens.words, topical, strict=True)
        ]
        self._runs, self._run_ids = _numbered([run for word_runs in runs for run in word_runs])
        lengths = np.array([len(word_runs) for word_runs in runs])
        self._run_starts = _starts(lengths)
        holders = np.repeat(np.arange(len(runs)), lengths)
        self._holders = holders[np.argsort(self._run_ids, kind="stable")]  # the words that hold each run
        self._holder_starts = _starts(np.bincount(self._run_ids, minlength=len(self._runs)))
        self._carries_topic = np.array(topical)
        self._following = self._following_stems()
        self._stem_rarity, self._run_rarity, self._unknown_rarity = self._rarities()

    def _following_stems(self) -> NDArray[np.int32]:
        """Return for each topic token the stem of the next topic token or sentence mark, else -1: int32 [tokens]."""
        ids = self._tokens.ids
        kept = np.flatnonzero(self._carries_topic[ids] | (ids == 0))
        following = np.full(len(ids), -1, np.int32)
        following[kept[:-1]] = self._stem_of[ids[kept[1:]]]
        return following

    def _rarities(self) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
        """Return BM25's inverse document frequency over passages: of stems, of 4-grams, and of what is unknown."""
        passages = len(self._passage_starts) - 1
        stem_counts = np.zeros(len(self._stems), np.int64)
        run_counts = np.zeros(len(self._runs), np.int64)
        edges = self._tokens.starts[self._passage_starts]
        for first, last in pairwise(edges):
            held = np.unique(self._tokens.ids[first:last])
            stem_counts[np.unique(self._stem_of[held])] += 1
            runs, _ = ragged(self._run_starts, held)
            run_counts[np.unique(self._run_ids[runs])] += 1
        return _rarity(stem_counts, passages), _rarity(run_counts, passages), float(np.log(2 * passages + 2))

    def stems_of(self, words: Iterable[str]) -> list[str]:
        """List the distinct stems of lower-case words, by each language of the library."""
        return list(dict.fromkeys(stem(word, language) for word in words for language in self.languages))

    def knows(self, word: str) -> bool:
        """Return whether the library holds a lower-case word in any inflection."""
        return any(each in self._stems for each in self.stems_of([word]))

    def rarity(self, word: str) -> float:
        """Return the inverse document frequency of a lower-case word; unknown words have the highest."""
        numbers = self._numbers_of(word)
        return float(self._stem_rarity[numbers].min()) if numbers else self._unknown_rarity

    def _numbers_of(self, word: str) -> list[int]:
        return [self._stems[each] for each in self.stems_of([word]) if each in self._stems]

    def within(self, kept: NDArray[np.bool_]) -> LexicalOverlap:
        """Return a view that knows only words of `kept` sentences (bool [sentences]); rarity is still that of all."""
        places, _ = ragged(self._tokens.starts, np.flatnonzero(kept))
        ids = np.unique(self._tokens.ids[places])
        stems = {*self._stem_of[ids].tolist()}
        runs = {*self._run_ids[ragged(self._run_starts, ids)[0]].tolist()}
        narrowed = copy.copy(self)
        narrowed._stems = {word: number for word, number in self._stems.items() if number in stems}
        narrowed._runs = {run: number for run, number in self._runs.items() if number in runs}
        return narrowed

    def holds(self, words: Sequence[str], passages: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which lower-case words each sentence of `passages` has, in any inflection: [sentences, words]."""
        flat, firsts = ragged(self._tokens.starts, ragged(self._passage_starts, passages)[0])
        stems, placed = self._stem_of[self._tokens.ids[flat]], self._placed(words)
        return _held(lambda first: self._of_stems(placed, first)[stems], len(words), firsts) > 0

    def overlap(
        self,
        question: Sequence[str],
        asking: Sequence[str],
        passages: NDArray[np.int64],
    ) -> OverlapFeatures:
        """Compare a question with all sentences of `passages` (numbers, int64).

        `question` are its topic words, distinct and in order, `asking` its other words; both in lower case.
        """
        sentences, passage_firsts = ragged(self._passage_starts, passages)
        flat, firsts = ragged(self._tokens.starts, sentences)
        openings = firsts[passage_firsts]
        ids, following = self._tokens.ids[flat], self._following[flat]
        stems = self._stem_of[ids]
        runs, run_weights = self._runs_of(question)
        first_of_pairs, second_of_pairs = self._placed(question[:-1]), self._placed(question[1:])
        other = self._placed(asking)
        pair_weights = [self.rarity(a) + self.rarity(b) for a, b in pairwise(question)]

        def with_runs(first: int) -> NDArray[np.uint64]:
            known = first + np.flatnonzero(runs[first : first + _BITS] >= 0)
            holders, each = ragged(self._holder_starts, runs[known])
            held = np.repeat(known, np.diff(np.append(each, len(holders))))
            return _bits(len(self._tokens.words), self._holders[holders], held - first)[ids]

        def with_pairs(first: int) -> NDArray[np.uint64]:
            return self._of_stems(first_of_pairs, first)[stems] & self._of_stems(second_of_pairs, first)[following]

        def with_asking(first: int) -> NDArray[np.uint64]:
            return self._of_stems(other, first)[stems]

        said = np.zeros(len(self._tokens.words), np.bool_)
        said[[number for word in question for number in self._spelled(word)]] = True
        kinds = np.where(said[ids], np.uint8(0), self._tokens.kinds[flat])
        return OverlapFeatures(
            passage_pairs=_share(_held(with_pairs, len(pair_weights), openings), np.array(pair_weights, np.float32)),
            passage_letters=_share(_held(with_runs, len(runs), openings), run_weights),
            sentence_asking=_held(with_asking, len(asking), firsts).sum(axis=1) / np.float32(max(len(asking), 1)),
            kinds=np.bitwise_or.reduceat(kinds, firsts),
        )

    def _runs_of(self, question: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the numbers of the distinct 4-grams of a question, -1 where unknown, and their weights."""
        runs = list(dict.fromkeys(run for word in question for run in letter_runs(word)))
        numbers = np.array([self._runs.get(run, -1) for run in runs], np.int64)
        weights = np.full(len(runs), self._unknown_rarity, np.float32)
        weights[numbers >= 0] = self._run_rarity[numbers[numbers >= 0]]
        return numbers, weights

    def _placed(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Return the number of each known stem of words, with the place of its word: int64 [stems, 2]."""
        found = [(number, place) for place, word in enumerate(words) for number in self._numbers_of(word)]
        return np.array(found, np.int64).reshape(len(found), 2)

    def _of_stems(self, placed: NDArray[np.int64], first: int) -> NDArray[np.uint64]:
        """Return for each stem of which of 64 words from `first` it is, as bits; none at the end, for index -1."""
        numbers, places = placed[(placed[:, 1] >= first) & (placed[:, 1] < first + _BITS)].T
        return _bits(len(self._stem_rarity) + 1, numbers, places - first)

    def _spelled(self, word: str) -> Iterator[int]:
        """Yield the numbers of a word, one for each language: they follow each other."""
        number = self._ids.get(word, len(self._tokens.words))
        while number < len(self._tokens.words) and self._tokens.words[number] == word:
            yield number
            number += 1


def _by_language(
    tokens: Tokens, passage_starts: NDArray[np.int64], languages: Sequence[str], distinct: Sequence[str]
) -> tuple[Tokens, list[str]]:
    """Number a word once for each language whose texts have it; return the tokens, and the language of each number."""
    if len(distinct) == 1:
        return tokens, [distinct[0]] * len(tokens.words)
    number = {language: n for n, language in enumerate(distinct)}
    lengths = np.diff(tokens.starts[passage_starts])
    own = np.repeat(np.array([number[each] for each in languages], np.int64), lengths)
    keys, ids = np.unique(np.where(tokens.ids == 0, 0, tokens.ids * len(distinct) + own), return_inverse=True)
    words = tuple(tokens.words[key // len(distinct)] for key in keys.tolist())
    split = Tokens(words, ids.astype(np.int32), tokens.kinds, tokens.starts)
    return split, [distinct[key % len(distinct)] for key in keys.tolist()]


def _bits(size: int, places: NDArray[np.int64], parts: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return integers [size] with the bit of each part, 0..63, set at its place; no pair of both is given twice."""
    bits = np.zeros(size, np.uint64)
    np.add.at(bits, places, np.uint64(1) << parts.astype(np.uint64))
    return bits


def _held(
    tokens_with: Callable[[int], NDArray[np.uint64]], parts: int, firsts: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return which parts of the question each text holds, 0 or 1 [texts, parts]; `firsts` are their first tokens.

    `tokens_with` gives for each token which of 64 parts from a number on it has, as bits.
    """
    tables = []
    for first in range(0, max(parts, 1), _BITS):
        bits = np.bitwise_or.reduceat(tokens_with(first), firsts).astype("<u8")
        tables.append(np.unpackbits(bits[:, None].view(np.uint8), axis=1, bitorder="little"))
    return np.hstack(tables)[:, :parts].astype(np.float32)


def _share(table: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """From [texts, parts] to the weighted share of the parts that each text has."""
    return np.asarray(table @ weights / max(float(weights.sum()), 1e-6), dtype=np.float32)


def _starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _numbered(items: Sequence[str]) -> tuple[dict[str, int], NDArray[np.int64]]:
    """Number distinct items in the order of their first appearance."""
    known: dict[str, int] = {}
    numbers = np.array([known.setdefault(item, len(known)) for item in items], np.int64)
    return known, numbers


def _rarity(counts: NDArray[np.int64], total: int) -> NDArray[np.float32]:
    return np.log1p((total - counts + 0.5) / (counts + 0.5)).astype(np.float32)


def ragged(starts: NDArray[np.int64], rows: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Concatenate the ranges starts[row]:starts[row + 1]; also return where each begins in the result."""
    begins = starts[rows]
    lengths = starts[rows + 1] - begins
    firsts = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) + np.repeat(begins - firsts, lengths), firsts
