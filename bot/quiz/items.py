"""The data of a quiz: items with their evidence, the table of contrasts, faults, disputes and the bank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ItemKind(StrEnum):
    """How an item is asked."""

    CHOICE = "choice"
    TRUTH = "truth"
    SIDE = "side"
    GAP = "gap"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its evidence.

    `options[key]` is right and all others are wrong; a free item has no options, `key` -1 and in `points` the verbatim
    sentences that it is graded against. `question` is the statement of a truth or side item, and the sentence of a
    gap item with BLANK in place of the gap. `quote` is verbatim; `difficulty` is 1..3. `version` is a hash of the rest.
    """

    id: str
    kind: ItemKind
    axis: str
    side: str
    difficulty: int
    question: str
    options: tuple[str, ...]
    key: int
    quote: str
    points: tuple[str, ...]
    why: str
    file: str
    version: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What one side says in a contrast, in our words and in the author's."""

    claim: str
    quote: str


@dataclass(frozen=True, slots=True)
class Contrast:
    """One row of the table: what is compared, and a claim for each side by the side's key."""

    id: str
    axis: str
    about: str
    claims: Mapping[str, Claim]


@dataclass(frozen=True, slots=True)
class BankFault:
    """Why an item, or a whole file when `item` is empty, cannot be used."""

    file: str
    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A person's complaint about an item."""

    item: str
    person: int
    complaint: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Bank:
    """All usable items in the order of their files, and the names of axes and sides by their keys."""

    items: tuple[Item, ...]
    axes: Mapping[str, str]
    sides: Mapping[str, str]
    contrasts: tuple[Contrast, ...]
    faults: tuple[BankFault, ...] = ()
    by_id: Mapping[str, Item] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {item.id: item for item in self.items})


BLANK = "_____"
