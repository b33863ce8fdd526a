"""Makes statements that hold or do not: of a sentence's second fact, where a gap asks for the first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.quiz.drafting.cloze import GapCandidate, gap_candidates, with_options
from bot.quiz.drafting.concordance import Phrase, Sort

if TYPE_CHECKING:
    import random

    from bot.quiz.drafting.concordance import Concordance, Statement
    from bot.quiz.drafting.inventory import Inventory

_LESS = 0.15  # a statement is guessed half of the time, so it is worth less than a gap


@dataclass(frozen=True, slots=True)
class TruthCandidate:
    """A sentence with the phrase that may be exchanged and what for."""

    asked: GapCandidate

    @property
    def statement(self) -> Statement:
        """Give the sentence."""
        return self.asked.statement

    @property
    def score(self) -> float:
        """Give how good it promises to be."""
        return self.asked.score - _LESS


def truth_candidates(
    gaps: Sequence[GapCandidate], inventory: Inventory, concordance: Concordance, rng: random.Random
) -> Iterator[TruthCandidate]:
    """Find in sentences that have a gap already another phrase that can be proved wrong when it is exchanged."""
    for asked in gaps:
        for score, gap in gap_candidates(asked.statement, inventory, concordance):
            phrase = gap.phrase
            if phrase.text == asked.gap.phrase.text or not _may_be_exchanged(phrase):
                continue
            if (found := with_options(score, gap, inventory, rng)) is not None:
                yield TruthCandidate(found)
                break


def _may_be_exchanged(phrase: Phrase) -> bool:
    """Say whether the statement stays one that a reader could believe: numbers always do, and people among people."""
    return phrase.sort not in (Sort.NAME, Sort.TERM) or (phrase.sort is Sort.NAME and phrase.form[0] == "person")


def truth_rows(
    picked: Iterable[tuple[GapCandidate, tuple[str, ...]]],
) -> Iterator[tuple[TruthCandidate, dict[str, object]]]:
    """Give what the bank's form says of each statement; whether it holds follows from the sentence, not from chance."""
    for asked, wrong in picked:
        text, phrase = asked.statement.text, asked.gap.phrase
        digest = hashlib.sha256(f"{text}\0{phrase.text}".encode()).digest()
        holds = digest[0] % 2 == 0
        said = text if holds else f"{text[: phrase.start]}{wrong[digest[1] % len(wrong)]}{text[phrase.end :]}"
        yield TruthCandidate(asked), {"kind": "truth", "statement": said, "holds": holds, "quote": text}
