"""Parts long sentences into clauses, and says how near a question comes to each."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from index.answering.ranking import _question, _word_weights
from index.answering.weights import FEATURES, default_weights
from index.indexes.late_interaction import _SCALE
from index.text.tokens import TOKEN
from tests.bench.speed import sentences

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.generations.generation import Generation
    from index.models.encoder import Encoder

_LONG = 25  # words of a sentence from which on it is parted
_SHORTEST = 6  # words of a clause
_EDGE = re.compile(r"[,;:()—–]|\s-\s")
NEARNESS = ("context_topic", "context_asking", "context_question")


def clauses_of(text: str) -> list[tuple[int, int]]:
    """Number the first word of each clause and the one after its last: a short sentence is one clause.

    A clause ends at a comma or the like, if both sides of it are long enough.
    """
    words = [found.start() for found in TOKEN.finditer(text)]
    starts = [0]
    for edge in _EDGE.finditer(text) if len(words) >= _LONG else ():
        at = sum(word < edge.start() for word in words)
        if min(at - starts[-1], len(words) - at) >= _SHORTEST:
            starts.append(at)
    return [*pairwise([*starts, len(words)])]


class Clauses:
    """The clauses of a library that keeps its words' rows as bytes."""

    def __init__(self, generation: Generation, encoder: Encoder) -> None:
        """Part all its sentences."""
        self._generation, self._encoder = generation, encoder
        self._texts = [*sentences(generation)]
        self._clauses = [clauses_of(text) for text in self._texts]

    def nearness(self, question: str, numbers: NDArray[np.int64]) -> list[NDArray[np.float32]]:
        """Measure for each of some sentences what NEARNESS is, clause by clause: [clauses, NEARNESS]."""
        asked = self._generation.aliases.canonical(question)
        read = _question(asked, self._encoder.encode_in_context([asked], asked=True)[0], "en")
        weights = np.column_stack(_word_weights(self._generation, read))
        contexts, found = self._generation.late_interaction, []
        for number in numbers:
            first, last = contexts._token_starts[number : number + 2]
            # The first token of a sentence is no word.
            cosines = contexts._rows[first + 1 : last].astype(np.float32) @ read.word_rows.T / np.float32(_SCALE)
            starts = [start for start, _ in self._clauses[number]] if len(cosines) else []
            best = np.maximum.reduceat(cosines, starts, axis=0) if starts else np.zeros((1, len(weights)))
            found.append(np.asarray(best @ weights, np.float32))
        return found

    def best(self, number: int, nearness: NDArray[np.float32]) -> str:
        """Give the clause of a sentence that the question comes nearest to, as the shipped weights count."""
        weights = default_weights().ranking[[FEATURES.index(name) for name in NEARNESS]]
        first, last = self._clauses[number][int(np.argmax(nearness @ weights))]
        words = [found.span() for found in TOKEN.finditer(self._texts[number])][first:last]
        return self._texts[number][words[0][0] : words[-1][1]] if words else self._texts[number]
