"""What a quiz is made of: items with their evidence, and the table of contrasts they draw on."""

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

    `options[key]` is right and all others are wrong; a free answer has no options, `key` -1 and the verbatim
    sentences that it is graded against in `points`. `question` is what is asked: of a truth or side item the
    statement, of a gap item the sentence with BLANK in place of the gap. `quote` is verbatim; `difficulty` is 1..3.
    `version` is made from all the rest, so that answers to an earlier wording can be told apart.
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
    """What one side says in a contrast, in our words, and the author's words for it."""

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
    """All items that can be used, with the names of axes and sides by their keys, in the order of the files."""

    items: tuple[Item, ...]
    axes: Mapping[str, str]
    sides: Mapping[str, str]
    contrasts: tuple[Contrast, ...]
    faults: tuple[BankFault, ...] = ()
    by_id: Mapping[str, Item] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {item.id: item for item in self.items})


BLANK = "_____"
