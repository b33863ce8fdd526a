"""Chooses the two quotes of a comparison: one sentence about each side, both on the same topic."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from index.text.lexicon import ENGLISH, lexicon
from index.text.words import stem, stems

if TYPE_CHECKING:
    from index.answering.question import Comparison
    from index.answering.ranking import Ranking
    from index.generations.generation import Generation

# Weights and costs are log-odds, as the fitted scores are. They were set by hand: the comparisons in
# tests/index/answering/test_answer.py hold what they are for.
_CANDIDATES = 12  # sentences of each side that are paired
_PARALLEL = 10.0  # per unit of cosine between the two sentences
_NAMES_BOTH = 2.0  # cost of a sentence that names the other side too
_ONLY_COMPARES = 6.0  # further cost when such a sentence says that the sides differ or are alike
_FARTHEST = -6.0  # a sentence whose score is this far from the best one's is not about the topic
_WITHOUT_TOPIC = 0.3  # weight of the scores when no topic is named: they then come from the words of comparing
_COMPARING = frozenset(map(stem, lexicon(ENGLISH).comparing))


def facing_sentences(
    generation: Generation, comparison: Comparison, ranking: Ranking, of_sides: tuple[Ranking, Ranking]
) -> list[tuple[int, float, str]]:
    """Choose one sentence for each side: [(number, distance, side), ...], empty when a side has none.

    `ranking` is that of the whole question, `of_sides` those of "topic side", used when a topic is named. A distance is
    the sentence's score less the best one's of its ranking and less the costs above.

    "How does clay differ from glass?" gives "Clay remembers the hand." and "Glass forgets the fire."
    """
    first, second = comparison.first, comparison.second
    weight, lowest = (1.0, _FARTHEST) if comparison.topic else (_WITHOUT_TOPIC, -math.inf)
    of_first, of_second = of_sides if comparison.topic else (ranking, ranking)
    ours = _about(first, second, of_first, generation)
    theirs = _about(second, first, of_second, generation)
    vectors = generation.sentence_vectors.vectors
    pairs = [
        (weight * (distance + other_distance) + _PARALLEL * float(vectors[number] @ vectors[other]), number, other)
        for number, distance in ours.items()
        for other, other_distance in theirs.items()
        if number != other and min(distance, other_distance) > lowest
    ]
    if not pairs:
        return []
    _, number, other = max(pairs)
    return [(number, ours[number], first), (other, theirs[other], second)]


def _about(side: str, opposite: str, ranking: Ranking, generation: Generation) -> dict[int, float]:
    """Map the best sentences about `side` to their distances, best first.

    A sentence is about the side when it holds all its words and does not name the opposite side before it.
    """
    side_stems, opposite_stems = (stems(generation.aliases.canonical(name)) for name in (side, opposite))
    best = float(ranking.scores[0])
    found: dict[int, float] = {}
    for number, score in ranking.self_contained(generation):
        said = stems(generation.aliases.canonical(generation.sentence(number).text))
        if not set(side_stems) <= set(said):
            continue
        cost = 0.0
        if opposite_at := [said.index(stem) for stem in opposite_stems if stem in said]:
            if min(map(said.index, side_stems)) > min(opposite_at):
                continue
            cost = _NAMES_BOTH + (_ONLY_COMPARES if _COMPARING & set(said) else 0.0)
        found[number] = score - best - cost
    return dict(sorted(found.items(), key=lambda item: -item[1])[:_CANDIDATES])
