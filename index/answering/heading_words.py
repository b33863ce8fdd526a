"""Scores what the words of a heading add to the sentences below it, which need not repeat them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from index.text.words import stem, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.generations.generation import Generation

# Log-odds: for all topic words that the sentence lacks and its heading has, and for a heading all of whose words the
# question has. `python -m tests.bench domains`.
_COMPLETES, _ASKED_FOR = 4.0, 1.0
_KEPT = 10_000  # headings


def gains_of_heading_words(
    generation: Generation, topic: Sequence[str], said: NDArray[np.bool_], passages: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Give the gain of each sentence of `passages` in log-odds, float32 [sentences], 0 where there is no heading.

    `topic` are the topic words of the question, `said` [sentences, topic] tells which of them a sentence has. Words
    count by their rarity in the library.
    """
    overlap = generation.lexical_overlap
    rarity = np.array([overlap.rarity(word) for word in topic], np.float32)
    asked = [overlap.stems_of([word]) for word in topic]
    known = {each for stems in asked for each in stems}
    held = np.zeros((len(passages), len(topic)), np.bool_)
    share = np.zeros(len(passages), np.float32)
    for place, passage in enumerate(passages.tolist()):
        heading = _by_stem(generation.passages[passage].heading, overlap.languages)
        held[place] = [any(each in heading for each in stems) for stems in asked]
        if held[place].any():
            rest = sum(overlap.rarity(word) for word in {word for each, word in heading.items() if each not in known})
            share[place] = (of_topic := float(rarity[held[place]].sum())) / (of_topic + rest)
    owner = np.repeat(np.arange(len(passages)), np.diff(generation.sentence_starts)[passages])
    completes = (held[owner] & ~said) @ rarity / max(float(rarity.sum()), 1e-6)
    return np.asarray(_COMPLETES * completes + _ASKED_FOR * share[owner], np.float32)


@lru_cache(maxsize=_KEPT)
def _by_stem(heading: str, languages: tuple[str, ...]) -> dict[str, str]:
    return {stem(word, language): word for language in languages for word in words(heading, language)}
