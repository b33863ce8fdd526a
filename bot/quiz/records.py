"""Statistics of each item over first answers, which show the items that work badly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.quiz.items import Item

NameT = TypeVar("NameT", str, tuple[str, str])

MIN_ANSWERS = 20  # for any judgement
MIN_ANSWERS_UNUSED = 30  # for the judgement that nobody picks an option
MIN_DISCRIMINATION = 0.1
TOO_EASY = 0.95


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """A person's first answer to one version of an item; `option` is the index picked, -1 for a free answer."""

    person: str
    item: str
    version: str
    option: int
    score: float


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """The record of one version of an item, in the terms of classical test theory.

    `difficulty` is the p-value, the mean score 0..1: higher is easier. `discrimination` is the corrected
    point-biserial correlation of the item's score with the person's mean score on all OTHER items, -1..1, None where
    it is undefined (fewer than three people with other items, or no variation). `shares[i]` is the share of picks of
    option i, up to the highest option anybody picked; empty for free answers.
    """

    item: str
    version: str
    n: int
    difficulty: float
    discrimination: float | None
    shares: tuple[float, ...]


class Reason(StrEnum):
    """Why an item works badly, or that it cannot be judged yet."""

    TOO_FEW = "too_few"
    LOW_DISCRIMINATION = "low_discrimination"
    WRONG_PREFERRED = "wrong_preferred"
    UNUSED_OPTION = "unused_option"
    TOO_EASY = "too_easy"
    BELOW_CHANCE = "below_chance"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether an item works badly, None while there are too few answers, and why."""

    is_bad: bool | None
    reasons: tuple[Reason, ...]


def item_records(answers: Sequence[FirstAnswer]) -> tuple[ItemRecord, ...]:
    """Return the record of each version of each item that was answered, ordered by item and version.

    `answers` has one row for each person and version: their first answer, before they could learn the key.
    """
    if not answers:
        return ()
    score = np.array([answer.score for answer in answers], dtype=np.float64)
    option = np.array([answer.option for answer in answers], dtype=np.int64)
    versions, of_version = _codes([(answer.item, answer.version) for answer in answers])
    _, of_person = _codes([answer.person for answer in answers])
    _, of_item = _codes([answer.item for answer in answers])
    n = np.bincount(of_version)
    difficulty = np.bincount(of_version, score) / n
    discrimination = _correlations(of_version, len(versions), score, _means_elsewhere(of_person, of_item, score))
    picks = _picks(of_version, len(versions), option)
    return tuple(
        ItemRecord(
            item=item,
            version=version,
            n=int(n[place]),
            difficulty=float(difficulty[place]),
            discrimination=None if np.isnan(discrimination[place]) else float(discrimination[place]),
            shares=tuple(np.trim_zeros(picks[place], "b").tolist()),
        )
        for place, (item, version) in enumerate(versions)
    )


def judge(record: ItemRecord, item: Item) -> Judgement:
    """Judge the record of an item of the same version; with fewer than MIN_ANSWERS answers there is no judgement.

    Raises ValueError when the record is of another item or version. An undefined discrimination is no fault: where
    everybody scores the same, the difficulty shows it.
    """
    if (record.item, record.version) != (item.id, item.version):
        raise ValueError(f"the record of {record.item} {record.version} is not that of {item.id} {item.version}")
    if record.n < MIN_ANSWERS:
        return Judgement(None, (Reason.TOO_FEW,))
    reasons = []
    if record.discrimination is not None and record.discrimination < MIN_DISCRIMINATION:
        reasons.append(Reason.LOW_DISCRIMINATION)
    if item.options:
        shares = np.zeros(max(len(item.options), len(record.shares)))
        shares[: len(record.shares)] = record.shares
        wrong = np.delete(shares, item.key)
        if (wrong > shares[item.key]).any():
            reasons.append(Reason.WRONG_PREFERRED)
        if record.n >= MIN_ANSWERS_UNUSED and (wrong == 0).any():
            reasons.append(Reason.UNUSED_OPTION)
        if record.difficulty < 1 / len(item.options):
            reasons.append(Reason.BELOW_CHANCE)
    if record.difficulty > TOO_EASY:
        reasons.append(Reason.TOO_EASY)
    return Judgement(bool(reasons), tuple(reasons))


def _codes(names: Sequence[NameT]) -> tuple[list[NameT], NDArray[np.int64]]:
    """Return the distinct names, sorted, and the index of each name among them."""
    known = sorted(set(names))
    places = {name: place for place, name in enumerate(known)}
    return known, np.array([places[name] for name in names], dtype=np.int64)


def _means_elsewhere(
    of_person: NDArray[np.int64], of_item: NDArray[np.int64], score: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return for each answer [n] the person's mean score on the other items; nan where there are none."""
    # Versions of the same item are left out together.
    _, together = np.unique(of_person * (of_item.max() + 1) + of_item, return_inverse=True)
    count = np.bincount(of_person)[of_person] - np.bincount(together)[together]
    total = np.bincount(of_person, score)[of_person] - np.bincount(together, score)[together]
    means: NDArray[np.float64] = np.divide(total, count, out=np.full(len(score), np.nan), where=count > 0)
    return means


def _correlations(
    group: NDArray[np.int64], groups: int, one: NDArray[np.float64], other: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return Pearson's r within each group [groups] over the pairs that are complete; nan where it is undefined."""
    complete = ~np.isnan(other)
    group, one, other = group[complete], one[complete], other[complete]
    n = np.bincount(group, minlength=groups)
    safe = np.maximum(n, 1)
    one = one - (np.bincount(group, one, groups) / safe)[group]
    other = other - (np.bincount(group, other, groups) / safe)[group]
    products = np.bincount(group, one * other, groups)
    squares = np.bincount(group, one * one, groups), np.bincount(group, other * other, groups)
    # Equal numbers leave rounding errors after centring, which must not become a correlation.
    varies = (n >= 3) & (squares[0] > 1e-12 * safe) & (squares[1] > 1e-12 * safe)
    norm = np.sqrt(squares[0] * squares[1])
    r: NDArray[np.float64] = np.divide(products, norm, out=np.full(groups, np.nan), where=varies)
    return np.clip(r, -1.0, 1.0)


def _picks(group: NDArray[np.int64], groups: int, option: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of each option [groups, options] among the answers of the group that picked any."""
    picked = option >= 0
    width = int(option.max(initial=0)) + 1
    counts = np.bincount(group[picked] * width + option[picked], minlength=groups * width).reshape(groups, width)
    shares: NDArray[np.float64] = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares
