"""Features of a free answer and the sentences that it is graded against, by the vectors of their words in context."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.text.sentences import sentences
from index.text.words import STOP_WORDS, all_words, stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from index.models.encoder import Encoder

FEATURES = ("recall", "precision", "brevity")
LONGEST = 4000  # characters read of any text
_SAME = 0.8  # a word of the same stem is at least this near, in whatever context
# Weights of words. Of those that the question has already, little is left: they count where there are no others.
_FUNCTION, _ASKED = 0.15, 0.1
_LEAST = 0.05
# Pronouns, auxiliaries and words of asking. Unlike those of a question to the library, the words "name", "type" or
# "call" stay: they may be what an answer is about.
FUNCTION_WORDS = STOP_WORDS.union(
    all_words(
        "what which how why who whom whose when where do does did done has have had can could would should may might "
        "must been being were am i me my we us our you your he him his she her its them so than please"
    )
)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text in order, lower case, with their stems and their unit rows in context: [words, dim]."""

    words: tuple[str, ...]
    stems: tuple[str, ...]
    rows: NDArray[np.float32]

    def __add__(self, other: Words) -> Words:
        """Join two texts."""
        return Words(self.words + other.words, self.stems + other.stems, np.concatenate([self.rows, other.rows]))


class Texts:
    """The words of all texts of a batch; each distinct sentence is encoded once."""

    def __init__(self, encoder: Encoder, texts: Iterable[str]) -> None:
        """Encode the sentences of the texts together."""
        distinct = list(dict.fromkeys(part for text in texts for part in _sentences(text)))
        encoded = encoder.encode_in_context(distinct)
        self._words = {text: _words(text, found.words) for text, found in zip(distinct, encoded, strict=True)}

    def words(self, *texts: str) -> Words:
        """Return the words of some texts, joined."""
        first, *others = [self._words[part] for text in texts for part in _sentences(text)]
        return sum(others, first)


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text, 0, len(text))] or [text]


def _words(text: str, rows: NDArray[np.float32]) -> Words:
    found = all_words(text)[: len(rows)]
    return Words(tuple(found), tuple(map(stem, found)), rows[: len(found)])


def content(text: str) -> list[str]:
    """Return the distinct content words of a text, lower case, in their order."""
    return [word for word in dict.fromkeys(all_words(text)) if word not in FUNCTION_WORDS]


def beyond(question: str, words: Sequence[str]) -> list[str]:
    """Return the words without those of the question, in any inflection."""
    asked = {stem(word) for word in content(question)}
    return [word for word in words if stem(word) not in asked]


def features(question: Words, points: Sequence[Words], answer: Words) -> NDArray[np.float64]:
    """Measure how an answer says each point of a reference, and in the last row all: float64 [points + 1, features].

    recall: how near each word of the point is to the nearest one of the answer, the mean by weight. precision: how
    near each word of the answer is to the nearest one of the whole reference. brevity: 0, or the logarithm of the
    answer's content words per content word of the point, where it has fewer.
    """
    reference = sum(points[1:], points[0])
    nearest, weights = _nearest(reference, answer), _function(reference) * _unasked(reference, question)
    precision = _mean(_nearest(answer, reference), _function(answer) * _new(answer, question))
    ends = np.cumsum([len(point.words) for point in points])
    spans = [slice(end - len(point.words), end) for point, end in zip(points, ends, strict=True)]
    given = _content_words(answer) + 1
    return np.array(
        [
            [_mean(nearest[span], weights[span]), precision, min(0.0, math.log(given / (_content_words(point) + 1)))]
            for point, span in zip((*points, reference), (*spans, slice(None)), strict=True)
        ]
    )


def self_likeness(text: Words) -> float:
    """Return the mean cosine of two words of a text: high where the encoder does not know the words apart.

    So it is with a script that it was not trained on. 0 for fewer than two distinct words.
    """
    _, first = np.unique(text.stems, return_index=True)
    if len(first) < 2:
        return 0.0
    total = np.linalg.norm(text.rows[first].sum(axis=0)) ** 2
    return float((total - len(first)) / (len(first) * (len(first) - 1)))


def _nearest(sought: Words, among: Words) -> NDArray[np.float32]:
    """Return the cosine of each word with the nearest one: [words sought]."""
    if not sought.words or not among.words:
        return np.zeros(len(sought.words), np.float32)
    nearest = (sought.rows @ among.rows.T).max(axis=1)
    same = np.isin(sought.stems, among.stems)
    return np.asarray(np.where(same, np.maximum(nearest, _SAME), nearest), np.float32)


def _function(text: Words) -> NDArray[np.float64]:
    return np.array([_FUNCTION if word in FUNCTION_WORDS else 1.0 for word in text.words])


def _unasked(text: Words, question: Words) -> NDArray[np.float64]:
    asked = [stem for word, stem in zip(question.words, question.stems, strict=True) if word not in FUNCTION_WORDS]
    return np.where(np.isin(text.stems, asked), _ASKED, 1.0) if text.stems else np.zeros(0)


def _new(text: Words, question: Words) -> NDArray[np.float64]:
    """Weigh words by how little the question says them in its own ones."""
    nearest = _nearest(text, question)
    return np.asarray(1 - np.clip(nearest, 0, 1) ** 2 + _LEAST, np.float64)


def _content_words(text: Words) -> int:
    return sum(word not in FUNCTION_WORDS for word in text.words)


def _mean(values: NDArray[np.float32], weights: NDArray[np.float64]) -> float:
    return float(np.average(values, weights=weights)) if len(values) else 0.0
