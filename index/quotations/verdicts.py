"""What is said of a quotation: the verdict, the places in the library, what was changed or differs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.answering.answer import Quote
    from index.quotations.changes import Change, DiffPart
    from index.quotations.stretches import Stretch


class Verdict(StrEnum):
    """What became of the library's words."""

    EXACT = "exact"
    ALTERED = "altered"
    STITCHED = "stitched"
    NOT_FOUND = "not_in_library"
    TOO_SHORT = "too_short"


class Note(StrEnum):
    """What differs in a quotation that counts as exact."""

    SPACING = "spacing"
    TYPOGRAPHY = "typography"
    FIRST_LETTER = "first_letter"
    FINAL_MARK = "final_mark"
    INSERTION = "insertion"
    ELLIPSIS = "ellipsis"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Checked:
    """A quotation and what became of it.

    `pieces` are the places of its words in the library, in the order of the quotation; none unless it was found.
    `changes` are sorted, the gravest first; `diff` is from the library's words to the quotation's.
    """

    stretch: Stretch
    verdict: Verdict
    pieces: tuple[Quote, ...] = ()
    changes: tuple[Change, ...] = ()
    diff: tuple[DiffPart, ...] = ()
    notes: tuple[Note, ...] = ()
