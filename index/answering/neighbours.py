"""Finds the sentences around a quote: what comes next in the document, and what explains the quote."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from itertools import islice, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING

from index.answering.cues import dependence
from index.answering.overview import BACK_MATTER, main_sentences

if TYPE_CHECKING:
    from collections.abc import Collection

    from index.generations.generation import Generation

_REACH = 8  # sentences before and after a quote among which an explanation is looked for
_UNEXPLAINING = 2.5  # a sentence without such a phrase counts as so many sentences further away
_AHEAD = 12  # passages of a section in which its next point is looked for
_SECTIONS_AHEAD = 3
_POINTS_HERE = 4  # main sentences among which the next one after the quote is taken
_NEEDS_OTHERS = -0.25  # penalties from which a sentence does not read alone
# Phrases that give a cause, a definition, an example or a restatement.
_EXPLAINS = re.compile(
    r"\b(?:because|since|due to|reason|that is|i\.e\.|namely|in other words|means?|to be (?:more )?precise|"
    r"more (?:precisely|specifically)|for (?:example|instance)|such as|e\.g\.|in fact|so that|as a result|therefore|"
    r"thus|hence|leads? to|caused? by|in order to|different from|unlike|instead of|rather than)\b",
    re.IGNORECASE,
)


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


def next_point(generation: Generation, number: int, shown: Collection[int]) -> int | None:
    """Number the next main sentence after a quote, in its section or else in one of the next sections of its document.

    It reads alone and is not shown yet; None where there is no such sentence. The time is bounded by `_AHEAD`.
    """
    passage = int(generation.passage_of[number])
    place = bisect_right(generation.sections, passage, key=attrgetter("first")) - 1
    here, *later = generation.sections[place : place + 1 + _SECTIONS_AHEAD]
    rest_of_this = replace(here, first=passage, end=min(here.end, passage + _AHEAD))
    parts = [(rest_of_this, _POINTS_HERE)]
    parts += [(replace(each, end=min(each.end, each.first + _AHEAD)), 1) for each in later]
    for section, most in parts:
        if section.document != here.document or BACK_MATTER.fullmatch(section.heading):
            continue
        for other in main_sentences(generation, [section], most):
            text = generation.sentence(other).text
            if other > number and other not in shown and _fit(generation, other) and dependence(text) > _NEEDS_OTHERS:
                return other
    return None


def _fit(generation: Generation, number: int) -> bool:
    sentence = generation.sentence(number)
    return sentence.is_self_contained and sentence.is_readable


def _same_document(generation: Generation, number: int, other: int) -> bool:
    return generation.sentence(number).document is generation.sentence(other).document
