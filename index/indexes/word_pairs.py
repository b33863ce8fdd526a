"""Inverted lists of adjacent words: finds the texts that share the longest parts of a quotation, word for word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

_MIX = np.uint64(0x9E3779B97F4A7C15)
_MOST_HOLDERS = 3000  # a pair in more places says nothing, unless a quotation has no other
_RIVAL = 0.8  # of what the best text holds: one that holds so much may be the one that is quoted
_FEWEST_NEW = 2  # pairs, which three words make, for which one more text is worth looking at


class WordPairs:
    """Pairs of adjacent words of a fixed list of texts, in order; `lengths` are their numbers of words.

    The last word of a text pairs with the first of the next one, and the earlier text holds that pair.

    Pairs are kept as 32 bits of their hash: a collision costs time, and never an answer, as texts are compared later.
    """

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        """Take the words of each text in lower case."""
        hashes: list[int] = []
        lengths: list[int] = []
        self._first: dict[str, int] = {}
        for number, words in enumerate(texts):
            lengths.append(len(words))
            hashes += map(hash, words)
            for word in set(words):
                self._first.setdefault(word, number)
        keys = _keys(np.array(hashes, np.int64))
        holders = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)[: len(keys)]
        order = np.argsort(keys, kind="stable")
        self._keys, self._holders, self._count = keys[order], holders[order], len(lengths)
        self.lengths = np.array(lengths, np.int32)

    def first(self, word: str) -> int | None:
        """Return the first text with a word; None when no text has it."""
        return self._first.get(word)

    def nearest(self, words: Sequence[str], most: int) -> tuple[list[int], list[int]]:
        """Return the texts that share most pairs with these words, rare pairs first, at most `most` in all.

        The first list has those that hold about as much as the best of all: a quotation may stand in several. The
        second has those that hold most of what the best lacks: a quotation may be put together from several.
        """
        pairs, holders, weights = self._held(words)
        if not len(holders):
            return [], []
        votes = np.bincount(holders, weights[pairs], self._count)
        rivals = np.flatnonzero(votes >= _RIVAL * votes.max())
        best = [int(number) for number in rivals[np.argsort(-votes[rivals], kind="stable")][:most]]
        others: list[int] = []
        missing = weights.copy()
        missing[pairs[holders == best[0]]] = 0
        while len(best) + len(others) < most:
            votes = np.bincount(holders, missing[pairs], self._count)
            number = int(votes.argmax())
            new = pairs[(holders == number) & (missing[pairs] > 0)]
            if len(new) < _FEWEST_NEW or number in best:
                break
            others.append(number)
            missing[new] = 0
        return best, others

    def share(self, words: Sequence[str], texts: Sequence[int]) -> float:
        """Return which share, 0..1, of the pairs of these words stands in the given texts together."""
        keys = np.unique(_keys(np.array([*map(hash, words)], np.int64)))
        if not len(keys):
            return 0.0
        pairs, holders = self._places(keys)
        among = np.zeros(self._count, bool)
        among[list(texts)] = True
        return float(np.count_nonzero(np.bincount(pairs[among[holders]], minlength=len(keys)))) / len(keys)

    def _held(self, words: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
        """Return for each place of a pair its number and its text, and the weight of each pair."""
        keys = np.unique(_keys(np.array([*map(hash, words)], np.int64)))
        counts = np.searchsorted(self._keys, keys, "right") - np.searchsorted(self._keys, keys, "left")
        known = counts > 0
        if (known & (counts <= _MOST_HOLDERS)).any():
            known &= counts <= _MOST_HOLDERS
        pairs, holders = self._places(keys[known])
        return pairs, holders, np.log1p(self._count / np.maximum(counts[known], 1))

    def _places(self, keys: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        begins, ends = np.searchsorted(self._keys, keys, "left"), np.searchsorted(self._keys, keys, "right")
        lengths = ends - begins
        firsts = np.cumsum(lengths) - lengths
        flat = np.arange(int(lengths.sum())) + np.repeat(begins - firsts, lengths)
        pairs = np.repeat(np.arange(len(keys)), lengths)
        holders = self._holders[flat]
        # A text counts once for a pair that it repeats.
        once = np.ones(len(pairs), bool)
        once[1:] = (pairs[1:] != pairs[:-1]) | (holders[1:] != holders[:-1])
        return pairs[once], holders[once]


def _keys(hashes: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return 32 bits for each pair of neighbours: uint32 [n - 1]."""
    plain = hashes.view(np.uint64)
    mixed = (plain[:-1] * _MIX) ^ (plain[1:] >> np.uint64(7)) ^ plain[1:]
    return ((mixed * _MIX) >> np.uint64(32)).astype(np.uint32)
