"""Finds the sentences around a quote: what comes next in the document, and what explains the quote."""

from __future__ import annotations

import re
from itertools import islice, takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from index.generations.generation import Generation

_REACH = 8  # sentences before and after a quote among which an explanation is looked for
_UNEXPLAINING = 2.5  # a sentence without such a phrase counts as so many sentences further away
# Phrases that give a cause, a definition, an example or a restatement.
_EXPLAINS = re.compile(
    r"\b(?:because|since|due to|reason|that is|i\.e\.|namely|in other words|means?|to be (?:more )?precise|"
    r"more (?:precisely|specifically)|for (?:example|instance)|such as|e\.g\.|in fact|so that|as a result|therefore|"
    r"thus|hence|leads? to|caused? by|in order to|different from|unlike|instead of|rather than)\b",
    re.IGNORECASE,
)


def sentence_at(generation: Generation, document: str, start: int) -> int | None:
    """Number the sentence that begins at an offset of a document; None when none does. In linear time of passages."""
    for number, passage in enumerate(generation.passages):
        if passage.document == document and passage.start <= start < passage.end:
            first = int(generation.sentence_starts[number])
            places = (first + n for n, sentence in enumerate(passage.sentences) if sentence.start == start)
            return next(places, None)
    return None


def following(generation: Generation, number: int, shown: Collection[int], most: int) -> list[int]:
    """Number the next sentences of the same document that can be shown and are not, in reading order."""
    later = takewhile(
        lambda other: _same_document(generation, number, other), range(number + 1, len(generation.sentences))
    )
    return list(islice((other for other in later if other not in shown and _fit(generation, other)), most))


def explaining(generation: Generation, number: int, most: int) -> list[int]:
    """Number the sentences near a quote that explain it, in reading order: those that say why, how or for example.

    Those under the same heading first, then the nearest; the direct neighbours fill up what is missing.
    """
    heading = generation.sentence(number).heading

    def distance(other: int) -> float:
        sentence = generation.sentence(other)
        return (
            abs(other - number)
            + (0 if _EXPLAINS.search(sentence.text) else _UNEXPLAINING)
            + (0 if sentence.heading == heading else 2 * _REACH)
        )

    near = range(max(0, number - _REACH), min(len(generation.sentences), number + _REACH + 1))
    candidates = [n for n in near if n != number and _same_document(generation, number, n) and _fit(generation, n)]
    return sorted(sorted(candidates, key=distance)[:most])


def _fit(generation: Generation, number: int) -> bool:
    sentence = generation.sentence(number)
    return sentence.is_self_contained and sentence.is_readable


def _same_document(generation: Generation, number: int, other: int) -> bool:
    return generation.sentence(number).document is generation.sentence(other).document
