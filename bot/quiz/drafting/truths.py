"""Drafts statements that are true or false: about a second fact of a sentence whose first one a gap asks for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.quiz.drafting.cloze import GapCandidate, gap_candidates, with_options
from bot.quiz.drafting.concordance import Phrase, Sort

if TYPE_CHECKING:
    import random

    from bot.quiz.drafting.inventory import Inventory

_WORTH_LESS = 0.15  # than a gap: a statement is guessed half of the time


def truth_candidates(gaps: Sequence[GapCandidate], inventory: Inventory, rng: random.Random) -> Iterator[GapCandidate]:
    """Find in sentences that have a gap another phrase whose replacements are proved wrong."""
    for asked in gaps:
        for score, gap in gap_candidates(asked.statement, inventory):
            if gap.phrase.text == asked.gap.phrase.text or not _stays_believable(gap.phrase):
                continue
            if (found := with_options(score, gap, inventory, rng)) is not None:
                yield replace(found, score=score - _WORTH_LESS)
                break


def truth_rows(
    picked: Iterable[tuple[GapCandidate, tuple[str, ...]]],
) -> Iterator[tuple[GapCandidate, dict[str, Any]]]:
    """Return each statement as a row of the bank; its hash decides whether it holds, so drafting again agrees.

    "The school burned in 1699.", the phrase 1699 and the wrong option 1671 -> itself, or "The school burned in 1671."
    """
    for asked, wrong in picked:
        text, phrase = asked.statement.text, asked.gap.phrase
        digest = hashlib.sha256(f"{text}\0{phrase.text}".encode()).digest()
        holds = digest[0] % 2 == 0
        statement = text if holds else asked.gap.filled_with(wrong[digest[1] % len(wrong)])
        yield asked, {"kind": "truth", "statement": statement, "holds": holds, "quote": text}


def _stays_believable(phrase: Phrase) -> bool:
    """Return whether a reader could believe the statement with another phrase of the same form."""
    return phrase.sort not in (Sort.NAME, Sort.TERM) or (phrase.sort is Sort.NAME and phrase.form[0] == "person")
