"""Views of a generation in which only some passages are found and known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
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
