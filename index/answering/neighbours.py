"""Finds the sentences around a quote: what comes next in the document, and what explains the quote."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from functools import lru_cache
from itertools import islice, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from index.answering.cues import MOST_CLAIM, claim, reads_alone
from index.answering.overview import BACK_MATTER, may_be_shown
from index.text.lexicon import ENGLISH, any_of, lexicon

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from index.generations.generation import Generation
    from index.text.sections import Section

_REACH = 8  # sentences before and after a quote among which an explanation is looked for
_UNEXPLAINING = 2.5  # a sentence without such a phrase counts as so many sentences further away
_AHEAD = 12  # passages of a section in which its next point is looked for
_SECTIONS_AHEAD = 3
_POINTS_HERE = 3  # central sentences of which the first one after the quote is taken
_TRIED = 10  # sentences of a section that are looked at: bounds the time
_OPENS_PARAGRAPH = 0.1  # added to the cosine of the first sentence of a passage, as in an overview
_POINTS_BACK = re.compile(r"\b(?:it|them|him|her|this|that|these|those|so)\W*$", re.IGNORECASE)  # at the end
# Phrases that give a cause, a definition, an example or a restatement.
_EXPLAINS = re.compile(rf"\b{any_of(lexicon(ENGLISH).explanations)}\b", re.IGNORECASE)


def sentence_at(generation: Generation, document: str, start: int) -> int | None:
    """Number the sentence that begins at an offset of a document; None when none does. In logarithmic time."""
    number = sentence_holding(generation, document, start)
    return number if number is not None and generation.sentences[number].start == start else None


def sentence_holding(generation: Generation, document: str, offset: int) -> int | None:
    """Number the sentence in which an offset of a document lies; None when none does. In logarithmic time."""
    passages = generation.passages_of.get(document, range(0))
    place = bisect_right(generation.passages, offset, passages.start, passages.stop, key=attrgetter("start")) - 1
    if place < passages.start:
        return None
    sentences = generation.passages[place].sentences
    within = bisect_right(sentences, offset, key=attrgetter("start")) - 1
    return int(generation.sentence_starts[place]) + within if within >= 0 and offset < sentences[within].end else None


def following(generation: Generation, number: int, shown: Collection[int], most: int) -> list[int]:
    """Number the next sentences of the same document that can be shown and are not, in reading order."""
    later = takewhile(
        lambda other: _same_document(generation, number, other), range(number + 1, len(generation.sentences))
    )
    return list(islice((other for other in later if other not in shown and may_be_quoted(generation, other)), most))


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
    candidates = [
        n for n in near if n != number and _same_document(generation, number, n) and may_be_quoted(generation, n)
    ]
    return sorted(sorted(candidates, key=distance)[:most])


def next_point(generation: Generation, number: int, shown: Collection[int]) -> int | None:
    """Number the next main sentence after a quote, in its section or else in one of the next sections of its document.

    It reads alone and is not shown yet; None where there is no such sentence. The sentences nearest to the mean vector
    of a section's next passages are scored by their words too; of the best ones the first in the text is taken.
    """
    passage = int(generation.passage_of[number])
    place = bisect_right(generation.sections, passage, key=attrgetter("first")) - 1
    here, *later = generation.sections[place : place + 1 + _SECTIONS_AHEAD]
    for section, most in ((replace(here, first=passage), _POINTS_HERE), *((each, 1) for each in later)):
        if section.document == here.document and not BACK_MATTER.fullmatch(section.heading):
            ahead = ((n, score) for n, score in _central(generation, section) if n > number and n not in shown)
            if best := _best_statements(generation, islice(ahead, _TRIED), most):
                return min(best)
    return None


def _central(generation: Generation, section: Section) -> list[tuple[int, float]]:
    """Number the sentences of a section's first passages with their cosines to their mean vector, the nearest first."""
    starts = generation.sentence_starts[section.first : min(section.end, section.first + _AHEAD) + 1]
    rows = generation.sentence_vectors.vectors[starts[0] : starts[-1]]
    total = rows.sum(axis=0)
    nearness = rows @ total / max(float(np.linalg.norm(total)), 1e-9)
    nearness[starts[starts < starts[-1]] - starts[0]] += _OPENS_PARAGRAPH
    order = np.argsort(-nearness, kind="stable")
    return list(zip((starts[0] + order).tolist(), nearness[order].tolist(), strict=True))


def _best_statements(generation: Generation, candidates: Iterable[tuple[int, float]], most: int) -> list[int]:
    """Number the `most` candidates, given with nearness and the nearest first, that score best by their words too."""
    best: list[tuple[float, int]] = []
    for number, nearness in candidates:
        if nearness + MOST_CLAIM < (best[-1][0] if len(best) == most else 0.0):
            break
        claimed = _statement(generation.sentence(number).text)
        if claimed is not None and nearness + claimed > 0 and may_be_quoted(generation, number):
            best = sorted([*best, (nearness + claimed, number)], reverse=True)[:most]
    return [number for _, number in best]


@lru_cache(maxsize=10_000)  # answers of one section look at the same sentences
def _statement(text: str) -> float | None:
    """Score the words of a sentence as a claim; None where it is no statement that reads alone."""
    if not may_be_shown(text, strict=True) or not reads_alone(text) or _POINTS_BACK.search(text):
        return None
    return claim(text)


def may_be_quoted(generation: Generation, number: int) -> bool:
    """Say whether a sentence is whole, no question and no row of signs."""
    sentence = generation.sentence(number)
    return sentence.is_self_contained and sentence.is_readable


def _same_document(generation: Generation, number: int, other: int) -> bool:
    return generation.sentence(number).document is generation.sentence(other).document
