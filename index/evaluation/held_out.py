"""Questions that a library most likely does not answer: about other things, or about documents hidden from it."""

from __future__ import annotations

import json
import zlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from index.answering.question import topic_words
from index.evaluation.synthetic import made_of
from index.generations.narrowing import without
from index.text.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.evaluation.synthetic import Degree, Synthetic
    from index.generations.generation import Generation

_COVERED = 0.8  # share of a question's words, weighted by rarity, that a passage which covers it holds
_OF_A_FIELD = 0.25  # share of covered questions from which on a library counts as being about the field
_HALVES = 2  # of the documents, of which one is hidden at a time


@cache
def fields() -> dict[str, tuple[str, ...]]:
    """Return the shipped questions by the field they are about."""
    content = json.loads(files("index.evaluation").joinpath("held_out.json").read_text(encoding="utf-8"))
    return {field: tuple(questions) for field, questions in content["fields"].items()}


def about_other_things(generation: Generation, most: int) -> list[str]:
    """Return at most `most` shipped questions that the library does not cover, judged by words alone.

    Confidence is not used: it is what is calibrated. A field that the library seems to be about is left out whole,
    since a passage may answer in other words.
    """
    kept: list[str] = []
    for questions in fields().values():
        covered = [covers(generation, question) for question in questions]
        if sum(covered) < _OF_A_FIELD * len(questions):
            kept += [question for question, found in zip(questions, covered, strict=True) if not found]
    return sorted(kept, key=lambda question: zlib.crc32(question.encode()))[:most]


def covers(generation: Generation, question: str) -> bool:
    """Return whether one passage holds so many of a question's words that it may answer it."""
    topic = topic_words(generation.aliases.canonical(question))
    rarity = np.array([generation.lexical_overlap.rarity(word) for word in topic], np.float32)
    known = [generation.lexical_overlap.knows(word) for word in topic]
    if rarity[known].sum() < _COVERED * rarity.sum():
        return False
    held = np.array(
        [generation.passage_words.scores(generation.lexical_overlap.stems_of([word])) > 0 for word in topic]
    )
    return bool((rarity @ held).max(initial=0.0) >= _COVERED * rarity.sum())


def near_misses(
    generation: Generation, most: int, degrees: Sequence[Degree]
) -> Iterator[tuple[Generation, list[Synthetic]]]:
    """Yield views of a library in which half of the documents are hidden, with questions made from the hidden ones.

    What is left is as near to the questions as a library is to those that people ask about its subject and it does not
    answer. `most` bounds the questions of both views. Yields nothing for a library of one document.
    """
    documents = sorted((d.id for d in generation.texts.documents), key=lambda name: zlib.crc32(name.encode()))
    for half in range(_HALVES if len(documents) > 1 else 0):
        chosen = frozenset(documents[half::_HALVES])
        hidden = np.array([passage.document in chosen for passage in generation.passages], bool)
        if hidden.any() and not hidden.all():
            made = made_of(generation, np.flatnonzero(hidden[generation.passage_of]), most // _HALVES, degrees)
            yield without(generation, hidden), made


def says_the_same(generation: Generation, sentence: int, others: Sequence[int]) -> bool:
    """Return whether one of some sentences, by number, is a near-duplicate: it has most words and all numbers."""
    said = set(words(generation.sentence(sentence).text))
    numbers = {word for word in said if word[0].isdigit()}
    found = (set(words(generation.sentence(other).text)) for other in others)
    return any(numbers <= each and len(said & each) >= _COVERED * len(said) for each in found)
