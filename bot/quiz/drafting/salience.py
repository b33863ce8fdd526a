"""Finds the main sentences of each document, by its overview and those of its sections: what is asked first."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from index.answering.overview import main_sentences

if TYPE_CHECKING:
    from collections.abc import Collection

    from index.generations.generation import Generation

_OF_SECTION = 3  # sentences of each section
_MOST_SECTIONS = 60  # of a document; more are not looked at one by one


def main_places(generation: Generation, documents: Collection[str] | None = None) -> frozenset[tuple[str, int]]:
    """Return document and offset of the sentences of the overviews, of all documents or of these by their ids."""
    found: set[int] = set()
    for document, group in groupby(generation.sections, key=lambda section: section.document):
        if documents is not None and document not in documents:
            continue
        sections = list(group)
        found.update(main_sentences(generation, sections))
        for section in sections[:_MOST_SECTIONS]:
            found.update(main_sentences(generation, [section], _OF_SECTION))
    sentences = map(generation.sentence, sorted(found))
    return frozenset((sentence.document.id, sentence.start) for sentence in sentences)
