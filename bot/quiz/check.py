"""Checks a bank: quotes are verbatim, options alike and distinct, and no guesser without the text does well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import fuzz

from bot.quiz.bank import playable
from bot.quiz.items import BLANK, Bank, BankFault, Item, ItemKind
from index.text.words import stems

if TYPE_CHECKING:
    from index.models.encoder import Encoder

MARGIN = 0.10
"""How much better than chance a guesser may be over the bank: a share of the items."""

_LONGER, _LONGER_CHARACTERS = 1.5, 12  # the longest option is at most 1.5 times the shortest plus 12 characters
_KEY_LONGER, _KEY_LONGER_CHARACTERS = 1.2, 5  # the same for the right option and the longest wrong one
# Per cent of rapidfuzz from which two questions or options are the same. The order of words counts in options alone:
# "one rises while the other declines" exchanged is the contrary.
_SAME_QUESTION = 88.0
_SAME_OPTION = 92.0

Scores = Sequence[float]
Guesser = Callable[[Item], Scores]
"""Scores the options of an item, in their order; the highest is its guess."""


@dataclass(frozen=True, slots=True)
class Guess:
    """How well a guesser did without the text: shares 0..1 of the items; options with equal scores share a point."""

    name: str
    right: float
    chance: float
    items: int

    @property
    def most(self) -> float:
        """The largest share `right` that is allowed."""
        return self.chance + MARGIN

    @property
    def is_fair(self) -> bool:
        """Whether the guesser is close enough to chance."""
        return self.right <= self.most


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a check: faults of items, guessers over the bank, counts of items by axis and kind."""

    faults: tuple[BankFault, ...]
    guesses: tuple[Guess, ...]
    by_axis: Mapping[str, int]
    by_kind: Mapping[str, int]

    @property
    def passed(self) -> bool:
        """Whether there is no fault and no guesser did too well."""
        return not self.faults and all(guess.is_fair for guess in self.guesses)


def check(bank: Bank, texts: Mapping[str, str], encoder: Encoder) -> Report:
    """Check a bank against documents by their ids; one of the guessers uses the encoder."""
    borne_out = playable(bank, texts)
    single = [fault for item in bank.items for fault in faults_of(item, bank.sides, texts)]
    faults = [*borne_out.faults, *single, *_duplicates(bank.items)]
    asked = [item for item in bank.items if item.options]
    return Report(
        faults=tuple(faults),
        guesses=tuple(guess(name, asked, scores) for name, scores in guessers(asked, encoder).items()),
        by_axis=Counter(item.axis for item in bank.items),
        by_kind=Counter(item.kind.value for item in bank.items),
    )


def faults_of(item: Item, sides: Mapping[str, str], texts: Mapping[str, str]) -> list[BankFault]:
    """Return the faults of an item by itself, wherever its quote is."""
    return [*_options(item), *_giveaways(item, sides, texts)]


def asks_the_same(one: Item, other: Item) -> bool:
    """Return whether two items of a kind ask nearly the same."""
    return one.kind is other.kind and fuzz.token_sort_ratio(one.question, other.question) > _SAME_QUESTION


def guessers(items: Sequence[Item], encoder: Encoder) -> dict[str, Guesser]:
    """Return by name the guessers for these items, which all have options."""
    return {
        "longest": lambda item: [len(option) for option in item.options],
        "shared_words": _shared_words,
        "nearest": _nearest(items, encoder),
        "first": _first_of_two,
    }


def _options(item: Item) -> Iterator[BankFault]:
    """Find options whose lengths tell the right one, and options that are the same in other words."""
    if item.kind not in (ItemKind.CHOICE, ItemKind.GAP):
        return
    lengths = [len(option) for option in item.options]
    if max(lengths) > _LONGER * min(lengths) + _LONGER_CHARACTERS:
        reason = f"options of {min(lengths)} to {max(lengths)} characters; make them of like length"
        yield BankFault(item.file, item.id, reason)
    others = [length for number, length in enumerate(lengths) if number != item.key]
    if lengths[item.key] > _KEY_LONGER * max(others) + _KEY_LONGER_CHARACTERS:
        yield BankFault(item.file, item.id, "the right answer is clearly the longest; lengthen a wrong one")
    for one, other in combinations(item.options, 2):
        if fuzz.ratio(one, other, processor=str.casefold) > _SAME_OPTION:
            yield BankFault(item.file, item.id, f"two options are nearly the same: {one!r}, {other!r}")


def _giveaways(item: Item, sides: Mapping[str, str], texts: Mapping[str, str]) -> Iterator[BankFault]:
    """Find questions that contain their answer, and gaps where a wrong option is also right."""
    asked = item.question.casefold()
    if item.kind is ItemKind.SIDE:
        named = [name for name in sides.values() if name.split()[-1].casefold() in asked]
        if named:
            yield BankFault(item.file, item.id, f"the statement names {named[0]}; leave the subject out")
    elif item.kind in (ItemKind.CHOICE, ItemKind.GAP) and item.options[item.key].casefold().rstrip(".") in asked:
        yield BankFault(item.file, item.id, "the question says its own answer; ask it in other words")
    if item.kind is ItemKind.GAP:
        for number, option in enumerate(item.options):
            filled = item.question.replace(BLANK, option)
            if number != item.key and any(filled in text for text in texts.values()):
                yield BankFault(item.file, item.id, f"two right answers: the library says it with {option!r} too")


def _duplicates(items: Sequence[Item]) -> Iterator[BankFault]:
    for one, other in combinations(items, 2):
        if asks_the_same(one, other):
            yield BankFault(other.file, other.id, f"asks nearly the same as {one.id}; leave one of them out")


def _first_of_two(item: Item) -> Scores:
    """Guess true or the first side; the other kinds are shuffled."""
    fixed = item.kind in (ItemKind.TRUTH, ItemKind.SIDE)
    return [float(fixed and number == 0) for number in range(len(item.options))]


def _shared_words(item: Item) -> Scores:
    asked = set(stems(item.question))
    return [len(asked & set(stems(option))) for option in item.options]


def _nearest(items: Sequence[Item], encoder: Encoder) -> Guesser:
    """Guess the option with the highest cosine to the question."""
    questions = dict(zip([item.id for item in items], encoder.encode_queries([i.question for i in items]), strict=True))
    options = list(dict.fromkeys(option for item in items for option in item.options))
    rows = dict(zip(options, encoder.encode_documents(options), strict=True))
    return lambda item: [float(rows[option] @ questions[item.id]) for option in item.options]


def credit(item: Item, scores: Scores) -> float:
    """Return the share of a point, 0..1, for these scores: the options with the highest score share it."""
    found = np.asarray(scores, dtype=np.float64)
    best = np.flatnonzero(found >= found.max() - 1e-9)
    return 1 / len(best) if item.key in best else 0.0


def guess(name: str, items: Sequence[Item], guesser: Guesser) -> Guess:
    """Measure a guesser on these items."""
    right = [credit(item, guesser(item)) for item in items]
    chance = [1 / len(item.options) for item in items]
    return Guess(name, float(np.mean(right or [0.0])), float(np.mean(chance or [0.0])), len(items))
