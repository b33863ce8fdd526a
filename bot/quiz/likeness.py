"""Features of a free answer and the sentences that it is graded against: by embeddings, words and word pairs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from index.text.words import STOP_WORDS, all_words, stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from index.models.encoder import Encoder

FEATURES = ("near_recall", "near_precision", "pair_recall", "alignment")
LONGEST = 4000  # characters read of any text
_MOST_CLAUSES, _LONGEST_CLAUSE = 24, 400  # clauses of a text, characters of a clause
_UNRELATED = 0.15  # share of words, or alignment, below which an answer is about something else
_NEAR = 0.25  # any two words have a cosine below this
_CLAUSE_END = re.compile(
    r"[.;:!?\n]+(?=\s|$)|,\s+(?=(?:and|but|while|whereas|or|so|because|which)\b)|\s(?:while|whereas)\s"
)
# Pronouns, auxiliaries and words of asking. Unlike those of a question to the library, the words "name", "type" or
# "call" stay: they may be what an answer is about.
_TOPICLESS = STOP_WORDS.union(
    all_words(
        "what which how why who whom whose when where do does did done has have had can could would should may might "
        "must been being were am i me my we us our you your he him his she her its them so than please"
    )
)


@dataclass(frozen=True, slots=True)
class Pair:
    """An answer and its reference: one point or all of them joined."""

    question: str
    reference: str
    answer: str


class Vectors:
    """The vectors of all texts and words of a batch, each computed once."""

    def __init__(self, encoder: Encoder, texts: Iterable[str]) -> None:
        """Encode the distinct texts together, and their content words."""
        distinct = list(dict.fromkeys(texts))
        self._texts = dict(zip(distinct, encoder.encode_documents(distinct), strict=True))
        words = list(dict.fromkeys(word for text in distinct for word in content(text)))
        self._words = dict(zip(words, encoder.encode_words(words), strict=True))

    def texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the unit rows of some texts: [texts, dim]."""
        return np.stack([self._texts[text] for text in texts])

    def words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return the unit rows of some words: [words, dim]."""
        return np.stack([self._words[word] for word in words])


def content(text: str) -> list[str]:
    """Return the distinct content words of a text, lower case, in their order."""
    return [word for word in dict.fromkeys(all_words(text)) if word not in _TOPICLESS]


def beyond(question: str, words: Sequence[str]) -> list[str]:
    """Return the words without those of the question, in any inflection."""
    asked = {stem(word) for word in content(question)}
    return [word for word in words if stem(word) not in asked]


def clauses(text: str) -> list[str]:
    """Split a text into 1 to 24 clauses of at most 400 characters: "It burned, and nobody knew why." -> two clauses."""
    parts = [part.strip()[:_LONGEST_CLAUSE] for part in _CLAUSE_END.split(text)]
    return [part for part in parts if any(map(str.isalnum, part))][:_MOST_CLAUSES] or [text[:_LONGEST_CLAUSE]]


def texts_of(pair: Pair) -> list[str]:
    """Return the texts whose vectors `features` needs."""
    return [pair.question, pair.reference, pair.answer, *clauses(pair.reference), *clauses(pair.answer)]


def features(pair: Pair, vectors: Vectors) -> NDArray[np.float64]:
    """Measure one pair: float64 [features], each 0..1, in the order of FEATURES.

    Words of the question count neither for nor against the answer.
    """
    wanted, given = content(pair.reference), content(pair.answer)
    near_recall = _near_share(beyond(pair.question, wanted) or wanted, given, vectors)
    near_precision = _near_share(beyond(pair.question, given), wanted, vectors)
    pairs = _pairs(pair.reference)
    pair_recall = len(pairs & _pairs(pair.answer)) / max(1, len(pairs))
    return np.array(
        [_saturated(near_recall), near_precision**0.5, pair_recall**0.5, _saturated(_alignment(pair, vectors))]
    )


def relatedness(measured: NDArray[np.float64]) -> float:
    """Return how much an answer is about the same as the reference, 0..1, by its words or its embedding."""
    held = max(measured[FEATURES.index("near_recall")], measured[FEATURES.index("alignment")])
    return min(1.0, float(held) / _saturated(_UNRELATED))


def _saturated(share: float) -> float:
    """Map a share 0..1 to 0..1 so that its first half counts most: graders want the idea, not every word."""
    return float((1 - np.exp(-3 * max(0.0, share))) / (1 - np.exp(-3)))


def _alignment(pair: Pair, vectors: Vectors) -> float:
    """Return the mean cosine of each clause of the reference with the nearest clause of the answer."""
    given = vectors.texts([pair.answer, *clauses(pair.answer)])
    return float((vectors.texts(clauses(pair.reference)) @ given.T).max(axis=1).mean())


def _near_share(sought: Sequence[str], among: Sequence[str], vectors: Vectors) -> float:
    """Return the mean cosine of each word with its nearest one in `among`, 1 for the same stem."""
    if not sought or not among:
        return 0.0
    near = vectors.words(sought) @ vectors.words(among).T
    stems = np.array([stem(word) for word in among])
    near[np.array([stem(word) for word in sought])[:, None] == stems] = 1.0
    best = near.max(axis=1)
    return float(np.where(best < _NEAR, 0.0, np.minimum(best, 1.0)).mean())


def _pairs(text: str) -> set[tuple[str, str]]:
    """Return the pairs of neighbouring stems, stop words included."""
    return set(pairwise(map(stem, all_words(text))))
