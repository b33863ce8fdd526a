"""The features of a ranking, the evidence for an answer, and the weights fitted to both (`weights.json`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FEATURES = (
    "passage_cosine",
    "sentence_bm25",  # against the best of this question's candidates
    "passage_pairs",  # shares of the question that the text holds, rare parts counting more
    "passage_letters",
    "sentence_asking",
    "context_topic",  # how near the question's words, as meant there, come to a word of the sentence, as meant in it
    "context_asking",
    "context_question",  # of the first word that asks alone: "who" comes near to names, "when" to dates
    "passage_context",  # of all words, to any word of the passage
    "holds_number",  # the sentence holds what the question asks for, and the question does not say it itself
    "holds_date",
    "holds_name",
)
EVIDENCE = (
    "sentence_cosine",  # the question and the best sentence after the one before it
    "passage_cosine",  # of the best sentence, as the next three
    "passage_letters",
    "context_topic",
    "context_asking",
    "nearest_cosine",  # the highest sentence_cosine among all candidates
    "unknown",  # share of the question's words that the library does not hold in any form
    "passage_bm25",  # the highest of all passages, against the most that a single rare word could bring
    "holds_number",  # of the best sentence, as the next two
    "holds_date",
    "holds_name",
)


@dataclass(frozen=True, slots=True)
class Weights:
    """What was fitted: how features add up to a score, and evidence to probabilities.

    `evidence` and `bias` tell whether the library answers, `first_quote` and its bias whether the first quote does.
    `cross_score` is the weight of a cross-encoder's log-odds in the score of a sentence.
    `answer_from` and `closest_from` are probabilities that the library answers.
    """

    ranking: NDArray[np.float32]
    evidence: NDArray[np.float32]
    bias: float
    first_quote: tuple[float, float, float, float]
    first_quote_bias: float
    cross_score: float
    answer_from: float
    closest_from: float


@cache
def default_weights() -> Weights:
    """Read the fitted weights that ship with the project."""
    return read_weights(json.loads(files("index.answering").joinpath("weights.json").read_text(encoding="utf-8")))


def read_weights(content: Mapping[str, Mapping[str, float]]) -> Weights:
    """Read weights from their file's content; a feature without a weight does not count."""
    confidence, first_quote = content["confidence"], content.get("first_quote", {})
    return Weights(
        ranking=np.array([content["ranking"].get(name, 0.0) for name in FEATURES], np.float32),
        evidence=np.array([confidence.get(name, 0.0) for name in EVIDENCE], np.float32),
        bias=float(confidence["bias"]),
        first_quote=(
            first_quote.get("evidence", 0.0),
            first_quote.get("evidence_beyond", 0.0),
            first_quote.get("ahead", 0.0),
            first_quote.get("cross_encoder", 0.0),
        ),
        first_quote_bias=float(first_quote.get("bias", 0.0)),
        cross_score=float(content.get("cross_encoder", {}).get("score", 0.0)),
        answer_from=float(content["outcome"]["answer_from"]),
        closest_from=float(content["outcome"]["closest_from"]),
    )
