"""Lexical overlap of a question with sentences: word bigrams, character 4-grams, question words; weighted by IDF."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from index.text.tokens import Tokens
from index.text.words import STOP_WORDS, stem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_RUN = 4  # letters


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

    def __init__(self, tokens: Tokens, passage_starts: NDArray[np.int64]) -> None:
        """Take the tokens and the first sentence of each passage, int64 [passages + 1]."""
        self._tokens = tokens
        self._passage_starts = passage_starts
        self._ids = {word: number for number, word in enumerate(tokens.words)}
        self._stems, self._stem_of = _numbered([stem(word) for word in tokens.words])
        runs = [letter_runs(word) if word and word not in STOP_WORDS else () for word in tokens.words]
        self._runs, self._run_ids = _numbered([run for word_runs in runs for run in word_runs])
        lengths = np.array([len(word_runs) for word_runs in runs])
        self._run_starts = _starts(lengths)
        holders = np.repeat(np.arange(len(runs)), lengths)
        self._holders = holders[np.argsort(self._run_ids, kind="stable")]  # the words that hold each run
        self._holder_starts = _starts(np.bincount(self._run_ids, minlength=len(self._runs)))
        self._carries_topic = np.array([bool(word) and word not in STOP_WORDS for word in tokens.words])
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

    def knows(self, word: str) -> bool:
        """Return whether the library holds a lower-case word in any inflection."""
        return stem(word) in self._stems

    def rarity(self, word: str) -> float:
        """Return the inverse document frequency of a lower-case word; unknown words have the highest."""
        number = self._stems.get(stem(word))
        return self._unknown_rarity if number is None else float(self._stem_rarity[number])

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
        ids = self._tokens.ids[flat]
        distinct, column = self._distinct(ids)

        other = np.array([self._stems.get(stem(word), -1) for word in asking] or [-1], np.int64)
        same = (self._stem_of[distinct][:, None] == other).astype(np.float32)
        runs, run_weights = self._runs_held(question, column, len(distinct))
        parts = _spread(np.hstack([same, runs]), column[ids], ids)
        same, runs = np.split(parts, [same.shape[1]], axis=1)
        pairs, pair_weights = self._pairs_held(question, flat, firsts)

        def whole(table: NDArray[np.float32]) -> NDArray[np.float32]:
            """From [sentences, parts] to [passages, parts]."""
            return np.maximum.reduceat(table, passage_firsts, axis=0)

        kinds = self._tokens.kinds[flat]
        for word in question:
            if word in self._ids:
                kinds[ids == self._ids[word]] = 0
        return OverlapFeatures(
            passage_pairs=_share(whole(pairs), pair_weights),
            passage_letters=_share(whole(runs), run_weights),
            sentence_asking=same.mean(axis=1),
            kinds=np.bitwise_or.reduceat(kinds, firsts),
        )

    def _distinct(self, ids: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the distinct word ids, and for every word id its position among them, else -1."""
        column = np.full(len(self._tokens.words), -1, np.int64)
        column[ids] = 0
        distinct = np.flatnonzero(column == 0)
        column[distinct] = np.arange(len(distinct))
        return distinct, column

    def _runs_held(
        self, question: Sequence[str], column: NDArray[np.int64], distinct: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return which 4-grams of the question each distinct word holds, 0 or 1 [words, runs], and their weights."""
        runs = list(dict.fromkeys(run for word in question for run in letter_runs(word)))
        numbers = np.array([self._runs.get(run, -1) for run in runs], np.int64)
        known = np.flatnonzero(numbers >= 0)
        weights = np.full(len(runs), self._unknown_rarity, np.float32)
        weights[known] = self._run_rarity[numbers[known]]
        flat, firsts = ragged(self._holder_starts, numbers[known])
        rows = column[self._holders[flat]]
        table = np.zeros((distinct, len(runs)), np.float32)
        here = rows >= 0
        table[rows[here], np.repeat(known, np.diff(np.append(firsts, len(flat))))[here]] = 1.0
        return table, weights

    def _pairs_held(
        self, question: Sequence[str], flat: NDArray[np.int64], firsts: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return which bigrams of the question each sentence holds, without stop words, and the weights."""
        numbers = [self._stems.get(stem(word), -1) for word in question]
        weights = [self.rarity(a) + self.rarity(b) for a, b in pairwise(question)]
        stems, following = self._stem_of[self._tokens.ids[flat]], self._following[flat]
        table = np.zeros((len(firsts), max(1, len(numbers) - 1)), np.float32)
        for column, (first, second) in enumerate(pairwise(numbers)):
            if first >= 0 and second >= 0:
                at = np.flatnonzero((stems == first) & (following == second))
                table[np.searchsorted(firsts, at, side="right") - 1, column] = 1.0
        return table, np.array(weights or [1.0], np.float32)


def _spread(table: NDArray[np.float32], rows: NDArray[np.int64], ids: NDArray[np.int32]) -> NDArray[np.float32]:
    """From [distinct words, parts] to [sentences, parts]: the maximum over the words of a sentence.

    Reads only words that have a part of the question, and word 0, which begins each sentence.
    """
    of_question = np.asarray(table.any(axis=1))
    kept = np.flatnonzero(of_question[rows] | (ids == 0))
    return np.maximum.reduceat(table[rows[kept]], np.flatnonzero(ids[kept] == 0), axis=0)


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
