"""Aligns a quotation with stretches of the library: Sellers' algorithm (1980) over words, with leaps between places.

Costs are whole numbers, so that an exact quotation costs exactly 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from index.text.comparison import Kind, Token

WORD, MARK, CAPITALS = 20, 4, 2
"""Costs of a word that is changed, added or left out; of a mark; of another capitalisation."""
LEAP = 50
"""Cost of going on at another place: less than three changed words, more than two."""
_NEVER = 1_000_000
_COSTS = np.array([{Kind.WORD: WORD, Kind.SYMBOL: WORD}.get(kind, MARK) for kind in Kind], np.int32)


class Numbers:
    """Gives every form of a token a number, so that arrays can be compared instead of texts."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, int]] = {}

    def of(self, form: str) -> tuple[int, int]:
        """Return the numbers of a form and of the form in lower case."""
        found = self._known.get(form)
        if found is None:
            lower = form.lower()
            folded = None if lower == form else self.of(lower)[0]  # numbered before the form itself
            number = len(self._known)
            found = self._known[form] = (number, number if folded is None else folded)
        return found

    def of_all(self, forms: Sequence[str]) -> NDArray[np.int32]:
        """Return the numbers of forms and of those in lower case: int32 [forms, 2]."""
        known = self._known
        return np.array([known.get(form) or self.of(form) for form in forms], np.int32).reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class Coded:
    """Tokens as arrays, all of one length: numbers of the forms and of the forms in lower case, kinds, costs.

    The cost is that of leaving a token out: 0 for what is no part of the sentences, such as notes and headings.
    """

    tokens: tuple[Token, ...]
    forms: NDArray[np.int32]
    folds: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    costs: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.tokens)


def coded(tokens: Sequence[Token], is_free: NDArray[np.bool_], numbers: Numbers) -> Coded:
    """Return tokens as arrays; `is_free` (bool [tokens]) says whether each may be left out for nothing."""
    ids = numbers.of_all([token.form for token in tokens])
    kinds = np.array([token.kind for token in tokens], np.uint8)
    costs = _COSTS[kinds]
    costs[is_free] = 0
    return Coded(tuple(tokens), ids[:, 0], ids[:, 1], kinds, costs)


def joined(runs: Sequence[Sequence[Coded]]) -> Coded:
    """Put runs of stretches behind each other, each run followed by a token that no alignment passes."""
    wall = Coded(
        (Token("", Kind.GAP, 0, 0),),
        np.full(1, -1, np.int32),
        np.full(1, -1, np.int32),
        np.full(1, 255, np.uint8),
        np.full(1, _NEVER, np.int32),
    )
    parts = [part for run in runs for part in (*run, wall)]
    return Coded(
        tuple(token for part in parts for token in part.tokens),
        np.concatenate([part.forms for part in parts]),
        np.concatenate([part.folds for part in parts]),
        np.concatenate([part.kinds for part in parts]),
        np.concatenate([part.costs for part in parts]),
    )


class Move(IntEnum):
    """What a step of an alignment does."""

    SAME = 0
    CHANGED = 1
    ADDED = 2
    LEFT_OUT = 3
    ELLIPSIS = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One step: indexes into the quotation and the source, None where one has no token; `leaps`: from elsewhere."""

    move: Move
    quoted: int | None
    source: int | None
    leaps: bool = False


@dataclass(frozen=True, slots=True)
class Alignment:
    """The cheapest way to make a quotation out of a source; steps in the order of the quotation."""

    cost: int
    steps: tuple[Step, ...]


def align(
    quoted: Coded, source: Coded, documents: Sequence[tuple[int, int]], first_letters: Mapping[int, int]
) -> Alignment:
    """Align a quotation with a source, where it may begin and end anywhere.

    `documents` are the ranges of source tokens of each document: an ellipsis in the quotation leads for nothing to any
    later place of the same one. `first_letters` gives for tokens whose first letter may differ the number of the form
    with the other one. Time and memory grow with the product of both lengths.
    """
    return _Table(quoted, source, documents, first_letters).alignment()


class _Table:
    """The costs of aligning each beginning of a quotation, int32 [quoted + 1, source + 1], a row for each token."""

    def __init__(
        self, quoted: Coded, source: Coded, documents: Sequence[tuple[int, int]], first_letters: Mapping[int, int]
    ) -> None:
        self._quoted, self._source, self._documents = quoted, source, documents
        self._first_letters = first_letters
        self._skipped = np.concatenate([[0], np.cumsum(source.costs, dtype=np.int32)]).astype(np.int32)
        self._differences: dict[tuple[int, int], NDArray[np.int32]] = {}
        self._exchanges: dict[tuple[int, int, int | None], NDArray[np.int32]] = {}
        self._rows = np.zeros((len(quoted) + 1, len(source) + 1), np.int32)
        self._leaps = np.zeros(len(quoted) + 1, np.int64)
        for number in range(1, len(quoted) + 1):
            self._rows[number] = self._row(number)

    def _row(self, number: int) -> NDArray[np.int32]:
        before = self._rows[number - 1]
        self._leaps[number] = place = int(before.argmin())
        leap = before[place] + (LEAP if number > 1 else 0)
        row: NDArray[np.int32] = before + self._quoted.costs[number - 1]
        np.minimum(row[1:], np.minimum(before[:-1], leap) + self._exchange(number - 1), out=row[1:])
        if self._quoted.kinds[number - 1] == Kind.GAP:
            np.minimum(row, self._later(before), out=row)
        row -= self._skipped
        np.minimum.accumulate(row, out=row)
        row += self._skipped
        return row

    def _later(self, before: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the least cost of an earlier place of the same document."""
        least = before.copy()
        for first, last in self._documents:
            np.minimum.accumulate(least[first : last + 1], out=least[first : last + 1])
        return least

    def _exchange(self, at: int) -> NDArray[np.int32]:
        """Return the cost of each source token in the place of a quoted one: 0 where they are the same."""
        quoted, other = self._quoted, self._first_letters.get(at)
        key = (int(quoted.forms[at]), int(quoted.costs[at]), other)
        row = self._exchanges.get(key)
        if row is None:
            row = self._exchanges[key] = self._different(int(quoted.kinds[at]), int(quoted.costs[at])).copy()
            row[self._source.folds == quoted.folds[at]] = CAPITALS
            row[self._source.forms == quoted.forms[at]] = 0
            if other is not None:
                row[self._source.forms == other] = 0
        return row

    def _different(self, kind: int, cost: int) -> NDArray[np.int32]:
        """Return the cost of each source token in the place of a quoted one that is another."""
        if (kind, cost) not in self._differences:
            costs = np.maximum(self._source.costs, cost)
            costs[(self._source.kinds != kind) | (costs == 0)] = _NEVER
            self._differences[kind, cost] = costs
        return self._differences[kind, cost]

    def alignment(self) -> Alignment:
        """Follow the cheapest way back from the end of the quotation."""
        number, place = len(self._quoted), int(self._rows[-1].argmin())
        cost = int(self._rows[-1, place])
        steps: list[Step] = []
        while number > 0:
            step, number, place = self._step_to(number, place)
            steps.append(step)
        return Alignment(cost, tuple(reversed(steps)))

    def _step_to(self, number: int, place: int) -> tuple[Step, int, int]:
        """Return the step that leads to a cell, and the cell before it."""
        here, before, at = self._rows[number, place], self._rows[number - 1], number - 1
        if place > 0:
            exchange = self._exchange(at)[place - 1]
            move = Move.SAME if exchange == 0 else Move.CHANGED
            if before[place - 1] + exchange == here:
                return Step(move, at, place - 1), at, place - 1
            leap = int(self._leaps[number])
            if number > 1 and before[leap] + LEAP + exchange == here:
                return Step(move, at, place - 1, leaps=True), at, leap
        if before[place] + self._quoted.costs[at] == here and self._quoted.kinds[at] != Kind.GAP:
            return Step(Move.ADDED, at, None), at, place
        if self._quoted.kinds[at] == Kind.GAP:
            first = max((first for first, last in self._documents if first <= place <= last), default=place)
            earlier = first + np.flatnonzero(before[first : place + 1] == here)
            if len(earlier):
                return Step(Move.ELLIPSIS, at, None), at, int(earlier[-1])
            if before[place] + self._quoted.costs[at] == here:
                return Step(Move.ADDED, at, None), at, place
        return Step(Move.LEFT_OUT, None, place - 1), number, place - 1
