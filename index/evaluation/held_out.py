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
from index.text.words import stem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.evaluation.synthetic import Degree
    from index.generations.generation import Generation

_COVERED = 0.8  # share of a question's words, weighted by rarity, that a passage which covers it holds
_OF_A_FIELD = 0.25  # share of covered questions from which on a library counts as being about the field
_FOLDS = 4  # of the documents; one is hidden at a time


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
    words = topic_words(generation.aliases.canonical(question))
    rarity = np.array([generation.lexical_overlap.rarity(word) for word in words], np.float32)
    known = [generation.lexical_overlap.knows(word) for word in words]
    if rarity[known].sum() < _COVERED * rarity.sum():
        return False
    held = np.array([generation.passage_words.scores([stem(word)]) > 0 for word in words])
    return bool((rarity @ held).max(initial=0.0) >= _COVERED * rarity.sum())


def near_misses(generation: Generation, most: int, degrees: Sequence[Degree]) -> Iterator[tuple[Generation, list[str]]]:
    """Yield views of a library in which some documents are hidden, with questions made from the hidden ones.

    `most` bounds the questions of all views. Yields nothing for a library of one document.
    """
    documents = sorted((d.id for d in generation.texts.documents), key=lambda name: zlib.crc32(name.encode()))
    folds = min(_FOLDS, len(documents))
    for fold in range(folds if folds > 1 else 0):
        chosen = frozenset(documents[fold::folds])
        hidden = np.array([passage.document in chosen for passage in generation.passages], bool)
        if hidden.any() and not hidden.all():
            made = made_of(generation, np.flatnonzero(hidden[generation.passage_of]), most // folds, degrees)
            yield without(generation, hidden), [question.text for question in made]
