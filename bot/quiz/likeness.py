"""Measures how a free answer meets the sentences it is graded against: by embedding, by words, by letters."""

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
LONGEST = 4000  # characters that are read of any text
_CLAUSES = 24
_CLAUSE = 400  # characters of a clause
_UNRELATED = 0.15  # below this an answer is about something else
_NEAR = 0.25  # cosines below this are what any two words have
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
    """An answer and what it is held against: one point or all of them joined."""

    question: str
    reference: str
    answer: str


class Vectors:
    """The vectors of all texts and words of a batch, each looked up once."""

    def __init__(self, encoder: Encoder, texts: Iterable[str]) -> None:
        """Encode the distinct texts together, and the topic words in them."""
        distinct = list(dict.fromkeys(texts))
        self._texts = dict(zip(distinct, encoder.encode_documents(distinct), strict=True))
        words = list(dict.fromkeys(word for text in distinct for word in content(text)))
        self._words = dict(zip(words, encoder.encode_words(words), strict=True))

    def texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give the unit rows of some texts: [texts, dim]."""
        return np.stack([self._texts[text] for text in texts])

    def words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Give the unit rows of some words: [words, dim]."""
        return np.stack([self._words[word] for word in words])


def content(text: str) -> list[str]:
    """Give the distinct words of a text that carry a topic, lower case, in their order."""
    return [word for word in dict.fromkeys(all_words(text)) if word not in _TOPICLESS]


def beyond(question: str, words: Sequence[str]) -> list[str]:
    """Leave out the words that the question already holds, in any inflection."""
    asked = {stem(word) for word in content(question)}
    return [word for word in words if stem(word) not in asked]


def clauses(text: str) -> list[str]:
    """Part a text into at most a fixed number of clauses, each of a bounded length; at least one."""
    parts = [part.strip()[:_CLAUSE] for part in _CLAUSE_END.split(text)]
    return [part for part in parts if any(map(str.isalnum, part))][:_CLAUSES] or [text[:_CLAUSE]]


def texts_of(pair: Pair) -> list[str]:
    """List the texts whose vectors the features of a pair need."""
    return [pair.question, pair.reference, pair.answer, *clauses(pair.reference), *clauses(pair.answer)]


def features(pair: Pair, vectors: Vectors) -> NDArray[np.float64]:
    """Measure one pair: float64 [features], each 0..1, in the order of FEATURES.

    What the question already says counts neither for the answer nor against it.
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
    """Say how far an answer has to do with the reference at all, 0..1: by its words or by its meaning."""
    held = max(measured[FEATURES.index("near_recall")], measured[FEATURES.index("alignment")])
    return min(1.0, float(held) / _saturated(_UNRELATED))


def _saturated(share: float) -> float:
    """Bend a share so that the first half counts most: graders ask for the idea, not for every word of it."""
    return float((1 - np.exp(-3 * max(0.0, share))) / (1 - np.exp(-3)))


def _alignment(pair: Pair, vectors: Vectors) -> float:
    """Give the mean cosine of each clause of the reference with what of the answer is nearest to it."""
    given = vectors.texts([pair.answer, *clauses(pair.answer)])
    return float((vectors.texts(clauses(pair.reference)) @ given.T).max(axis=1).mean())


def _near_share(sought: Sequence[str], among: Sequence[str], vectors: Vectors) -> float:
    """Say how near, on average, the nearest word of some is to each word sought; a word of the same stem is 1."""
    if not sought or not among:
        return 0.0
    near = vectors.words(sought) @ vectors.words(among).T
    stems = np.array([stem(word) for word in among])
    near[np.array([stem(word) for word in sought])[:, None] == stems] = 1.0
    best = near.max(axis=1)
    return float(np.where(best < _NEAR, 0.0, np.minimum(best, 1.0)).mean())


def _pairs(text: str) -> set[tuple[str, str]]:
    """Give the neighbouring stems of a text, stop words among them: they hold the order of what is said."""
    return set(pairwise(map(stem, all_words(text))))
