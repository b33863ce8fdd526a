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
    generation: Generation, topic: Sequence[str], passages: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Give the gain of each sentence of `passages` in log-odds, float32 [sentences], 0 where there is no heading.

    `topic` are the topic words of the question; they count by their rarity in the library.
    """
    overlap = generation.lexical_overlap
    headings = [generation.passages[passage].heading for passage in passages.tolist()]
    place = {heading: number for number, heading in enumerate(dict.fromkeys(headings))}
    of_heading = np.array([place[heading] for heading in headings], np.int64)
    owner = np.repeat(of_heading, np.diff(generation.sentence_starts)[passages])
    asked = [overlap.stems_of([word]) for word in topic]
    known = {each for stems in asked for each in stems}
    words_in = [_by_stem(heading, overlap.languages) for heading in place]
    held = np.array([[any(each in found for each in stems) for stems in asked] for found in words_in], np.bool_)
    if not held.any():
        return np.zeros(len(owner), np.float32)
    rarity = np.array([overlap.rarity(word) for word in topic], np.float32)
    of_topic = held @ rarity
    others = [{word for each, word in found.items() if each not in known} for found in words_in]
    rest = np.array([sum(map(overlap.rarity, words)) for words in others], np.float32)
    share = of_topic / np.maximum(of_topic + rest, 1e-6)
    completes = (held[owner] & ~overlap.holds(topic, passages)) @ rarity / max(float(rarity.sum()), 1e-6)
    return np.asarray(_COMPLETES * completes + _ASKED_FOR * share[owner], np.float32)


@lru_cache(maxsize=_KEPT)
def _by_stem(heading: str, languages: tuple[str, ...]) -> dict[str, str]:
    return {stem(word, language): word for language in languages for word in words(heading, language)}
