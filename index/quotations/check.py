"""Holds every quotation of a text against a library and says of each what became of the library's words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.documents.decoding import without_surrogates
from index.quotations.quotation import Quotation
from index.quotations.sources import Sources
from index.quotations.stretches import stretches
from index.quotations.verdicts import Checked, Verdict

if TYPE_CHECKING:
    from index.generations.generation import Generation

MAX_CHARACTERS = 20_000
"""How much of a text is checked: what takes a second."""


@dataclass(frozen=True, slots=True)
class Report:
    """The quotations of a text, in order; `cut_at` is the length to which the text was cut, None when it was not."""

    generation: str
    quotations: tuple[Checked, ...]
    cut_at: int | None = None

    def count(self, verdict: Verdict) -> int:
        """Count the quotations with a verdict."""
        return sum(each.verdict is verdict for each in self.quotations)


def check(generation: Generation, text: str) -> Report:
    """Hold the quotations of a text against a library, or all its sentences where it has none."""
    sources = Sources(generation)
    written = without_surrogates(text)
    known: dict[str, Checked] = {}
    found = []
    for stretch in stretches(written[:MAX_CHARACTERS]):
        same = known.get(stretch.text)
        if same is None:
            same = known[stretch.text] = Quotation(sources, stretch).checked()
        found.append(replace(same, stretch=stretch))
    return Report(generation.id, tuple(found), MAX_CHARACTERS if len(written) > MAX_CHARACTERS else None)
