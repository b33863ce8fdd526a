"""Views of a generation in which only some passages are found and known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from cachetools import LRUCache

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.generations.generation import Generation


def without(generation: Generation, hidden: NDArray[np.bool_]) -> Generation:
    """Return a view of a generation in which hidden passages (bool [passages]) are neither found nor known.

    Sentences and passages keep their numbers, and words their rarity among all passages.
    """
    passages = ~hidden if generation.kept is None else generation.kept & ~hidden
    sentences = passages[generation.passage_of]
    return replace(
        generation,
        passage_vectors=generation.passage_vectors.within(passages),
        sentence_vectors=generation.sentence_vectors.within(sentences),
        passage_words=generation.passage_words.within(passages),
        sentence_words=generation.sentence_words.within(sentences),
        lexical_overlap=generation.lexical_overlap.within(sentences),
        headings=generation.headings.within(passages),
        kept=passages,
    )


def of_documents(generation: Generation, documents: frozenset[str]) -> Generation:
    """Return the view in which only some documents, given by id, are found and known; the last ones are kept."""
    views = _views.setdefault(generation, LRUCache(_KEPT))
    if documents not in views:
        hidden = np.ones(len(generation.passages), np.bool_)
        for document in documents & generation.passages_of.keys():
            numbers = generation.passages_of[document]
            hidden[numbers.start : numbers.stop] = False
        views[documents] = without(generation, hidden)
    return views[documents]


_KEPT = 8  # views of a generation: people who ask of one document ask again
_views: WeakKeyDictionary[Generation, LRUCache[frozenset[str], Generation]] = WeakKeyDictionary()
