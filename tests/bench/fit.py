"""Fits the weights of ranking and confidence on SQuAD articles and writes index/answering/weights.json (`make fit`)."""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize

from index.answering.ranking import Ranking, search
from index.answering.weights import EVIDENCE, FEATURES, read_weights
from index.models.encoder import SentenceTransformerEncoder
from index.text.noise import Aliases
from tests.bench import squad
from tests.bench.asking import gold_range, holds_answer
from tests.bench.fit_first_quote import fit_first_quote
from tests.bench.fit_rescoring import fit_rescoring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.generations.generation import Generation
    from index.models.encoder import Encoder, InContext
    from tests.bench.squad import Article, Question

_WEIGHTS = Path("index/answering/weights.json")
_RIDGE = 1e-3
_DOUBTED = 0.05  # share of the answerable questions that are not given outcome `answer`
_REFUSED = 0.015  # share of them that are told `not covered`


@dataclass(frozen=True, slots=True)
class Sample:
    """One question's candidates, and which of them hold a gold answer within the gold paragraph."""

    article: str
    features: NDArray[np.float32]
    right: NDArray[np.bool_]


class Remembering:
    """An encoder that encodes each question once: the same ones are asked of many libraries."""

    def __init__(self, encoder: Encoder) -> None:
        """Take the encoder that does the work."""
        self._encoder = encoder
        self._read: dict[str, InContext] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode_in_context(self, texts: Sequence[str], *, asked: bool = False, **options: Any) -> list[InContext]:
        """Encode the questions that are new and remember them."""
        if not asked:
            return self._encoder.encode_in_context(texts, **options)
        new = [text for text in dict.fromkeys(texts) if text not in self._read]
        self._read.update(zip(new, self._encoder.encode_in_context(new, asked=True), strict=True))
        return [self._read[text] for text in texts]


def main() -> None:
    """Fit both sets of weights, print how they do on articles left out, and write the file."""
    articles = squad.read()
    encoder = Remembering(SentenceTransformerEncoder())
    with tempfile.TemporaryDirectory() as folder:
        ranking = fit_ranking(articles, encoder, Path(folder))
        confidence, outcome = fit_confidence(articles, encoder, Path(folder), ranking)
    weights = {"ranking": ranking, "confidence": confidence, "outcome": outcome}
    weights["cross_encoder"] = fit_rescoring(encoder, read_weights(weights))
    content = {
        "about": "Fitted on 8 articles of SQuAD 2.0's dev set (CC BY-SA 4.0) with the default model. cross_encoder, "
        "first_quote: on other articles of it, OneStopQA (CC BY-SA 4.0), Molweni (Apache-2.0), SQuADShifts' new "
        "Wikipedia and Amazon reviews (CC BY 4.0).",
        "command": "make fit",
        "ranking": {name: round(float(w), 3) for name, w in ranking.items()},
        "confidence": {name: round(float(w), 3) for name, w in confidence.items()},
        "cross_encoder": weights["cross_encoder"],
        "first_quote": fit_first_quote(encoder, read_weights(weights)),
        "outcome": {name: round(float(w), 3) for name, w in outcome.items()},
    }
    _WEIGHTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {_WEIGHTS}")


def fit_ranking(articles: Sequence[Article], encoder: Encoder, folder: Path) -> dict[str, float]:
    """Fit by the likelihood that the best sentence is a right one; print the same for articles left out."""
    generation = squad.library(articles, folder, encoder, Aliases({}))
    questions = [question for article in articles for question in article.questions if question.answers]
    samples = [
        sample(generation, question, ranking)
        for question, ranking in zip(questions, search(generation, encoder, [q.text for q in questions]), strict=True)
    ]
    for held_out in articles:
        weights = listwise([s for s in samples if s.article != held_out.title])
        rest = [s for s in samples if s.article == held_out.title]
        right = [s.right[np.argsort(-(s.features @ weights), kind="stable")] for s in rest]
        first, among_3 = np.mean([r[0] for r in right]), np.mean([r[:3].any() for r in right])
        print(f"left out {held_out.title:24s} quote@1 {first:.3f} quote@3 {among_3:.3f}")
    weights = listwise(samples)
    return dict(zip(FEATURES, weights, strict=True))


def sample(generation: Generation, question: Question, ranking: Ranking) -> Sample:
    """Keep of a ranking what weights are fitted on."""
    document = generation.texts.document(f"{question.article}.txt")
    gold = gold_range(question, {document.id: document.text})
    right = []
    for number in ranking.sentences:
        sentence = generation.sentence(number)
        inside = sentence.document.id == document.id and sentence.start in gold
        right.append(inside and holds_answer(question, sentence.text))
    return Sample(question.article, ranking.features, np.array(right, bool))


def listwise(samples: Sequence[Sample]) -> NDArray[np.float64]:
    """Maximise the log of the softmax mass on right sentences, with a ridge on weights per standard deviation.

    Gives one weight for each column of the features.
    """
    kept = [s for s in samples if s.right.any()]
    width = max(len(s.right) for s in kept)
    columns = kept[0].features.shape[1]
    features = np.zeros((len(kept), width, columns))
    right = np.zeros((len(kept), width), bool)
    real = np.zeros((len(kept), width), bool)
    for row, one in enumerate(kept):
        count = len(one.right)
        features[row, :count], right[row, :count], real[row, :count] = one.features, one.right, True
    spread = features[real].std(axis=0) + 1e-6
    scaled = (features - features[real].mean(axis=0)) / spread

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = np.where(real, scaled @ weights, -np.inf)
        mass = np.exp(scores - scores.max(axis=1, keepdims=True))
        mass /= mass.sum(axis=1, keepdims=True)
        on_right = (mass * right).sum(axis=1) + 1e-12
        push = mass * right / on_right[:, None] - mass
        gradient = -np.einsum("qs,qsf->f", push, scaled) / len(kept)
        return float(-np.log(on_right).mean() + _RIDGE * weights @ weights), gradient + 2 * _RIDGE * weights

    return np.asarray(minimize(loss, np.zeros(columns), jac=True, method="L-BFGS-B").x / spread)


def fit_confidence(
    articles: Sequence[Article], encoder: Encoder, folder: Path, ranking: dict[str, float]
) -> tuple[dict[str, float], dict[str, float]]:
    """Fit how likely a question is answered, on libraries of some of the articles asked about all of them."""
    weights = read_weights(
        {"ranking": ranking, "confidence": {"bias": 0.0}, "outcome": {"answer_from": 0, "closest_from": 0}}
    )
    evidence, answered = [], []
    for indexed in _libraries(len(articles)):
        some = [articles[n] for n in indexed]
        generation = squad.library(some, folder, encoder, Aliases({}))
        titles = {article.title for article in some}
        questions = [q for article in articles for q in article.questions if q.answers or q.article not in titles]
        found = search(generation, encoder, [q.text for q in questions], weights)
        print(f"asked a library of {', '.join(sorted(titles))}", flush=True)
        evidence.append(np.stack([ranking.evidence for ranking in found]))
        answered.append(np.array([q.article in titles for q in questions]))
    all_evidence, all_answered = np.concatenate(evidence), np.concatenate(answered)
    fitted = _logistic(all_evidence, all_answered)
    confidence = 1 / (1 + np.exp(-(all_evidence[all_answered] @ fitted[:-1] + fitted[-1])))
    outcome = {
        "answer_from": np.quantile(confidence, _DOUBTED),
        "closest_from": np.quantile(confidence, _REFUSED),
    }
    return dict(zip((*EVIDENCE, "bias"), fitted, strict=True)), outcome


def _libraries(articles: int) -> list[tuple[int, ...]]:
    """Choose halves of the articles at random, but never every other one (measured elsewhere), and some alone."""
    rng = np.random.default_rng(0)
    halves = [
        half for half in itertools.combinations(range(articles), articles // 2) if half != tuple(range(0, articles, 2))
    ]
    return [halves[n] for n in rng.choice(len(halves), 6, replace=False)] + [(n,) for n in range(0, articles, 2)]


def _logistic(evidence: NDArray[np.float32], answered: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Logistic regression with answered and unanswered questions weighing the same; the bias comes last."""
    spread = evidence.std(axis=0) + 1e-6
    scaled = np.column_stack([evidence / spread, np.ones(len(evidence))]).astype(np.float64)
    signs = np.where(answered, 1.0, -1.0)
    share = np.where(answered, 0.5 / answered.mean(), 0.5 / (1 - answered.mean()))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (scaled @ weights)
        slope = -signs * share / (1 + np.exp(np.clip(margins, -500, 500)))
        penalty = np.append(weights[:-1], 0.0)
        value = (share * np.logaddexp(0, -margins)).mean() + _RIDGE * penalty @ penalty
        return float(value), scaled.T @ slope / len(scaled) + 2 * _RIDGE * penalty

    return np.asarray(minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="L-BFGS-B").x / np.append(spread, 1.0))


if __name__ == "__main__":
    sys.exit(main())
