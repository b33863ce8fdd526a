"""Measures whether thresholds fitted to each library do better with people's questions than the ones that ship."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.libraries.opening import load_encoder
from bot.settings import Settings
from index.answering.answer import Asked
from index.answering.confidence import answerable
from index.answering.ranking import search
from index.answering.selection import answer
from index.answering.weights import default_weights
from index.evaluation.calibration import _DEGREES, MOST, calibrate
from index.evaluation.synthetic import made_of
from index.generations import generation as generations
from index.generations.manifest import live
from index.models.encoder import InContext
from index.text.noise import Aliases
from tests.bench import squad
from tests.bench.fit import Remembering
from tests.bench.quality import essay_settings, folder
from tests.bench.results import Row
from tests.bench.speed import perturbed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from index.generations.generation import Generation
    from index.generations.records import Calibration
    from index.models.cross_encoder import CrossEncoder
    from index.models.encoder import Encoder
    from tests.bench.squad import Article, Question

    Rows = NDArray[np.float32]

_TOGETHER = 32
_FOURS = 6
_OUTSIDE = 3  # of the questions of articles that are not in the library, every third is asked
_FALSE_ANSWER_COSTS = 2.0
_ROUNDS = 3
_NARROW = 3  # libraries that are read with a model that the weights were not fitted for
_DIMENSIONS = 48


@dataclass(frozen=True, slots=True)
class Asking:
    """What people's questions of one library came to: confidences, and which of the answerable are quoted right."""

    answerable: NDArray[np.float64]
    right: NDArray[np.bool_]
    outside: NDArray[np.float64]
    impossible: NDArray[np.float64]
    made: NDArray[np.float64]
    """Confidence in questions made out of the library."""

    def at(self, threshold: float) -> tuple[float, float, float, float]:
        """Give coverage, precision, and the shares of outside and of impossible questions that are answered."""
        answered = self.answerable >= threshold
        return (
            float(answered.mean()),
            float(self.right[answered].mean()),
            float((self.outside >= threshold).mean()),
            float((self.impossible >= threshold).mean()) if len(self.impossible) else float("nan"),
        )

    def cost(self, threshold: float) -> float:
        """Give missed answers and, at twice the price, false ones: shares added up."""
        coverage, _, false, _ = self.at(threshold)
        return 1 - coverage + _FALSE_ANSWER_COSTS * false


class Narrow:
    """The model with its rows projected at random onto few dimensions: one that the weights were not fitted for."""

    name = "narrow"
    fingerprint = f"narrow-{_DIMENSIONS}"
    dimension = _DIMENSIONS
    languages: frozenset[str] = frozenset()
    cross_encoder: CrossEncoder | None = None

    def __init__(self, encoder: Encoder) -> None:
        """Take the model that does the work."""
        self._encoder = encoder
        rng = np.random.default_rng(0)
        self._directions = rng.standard_normal((encoder.dimension, _DIMENSIONS), np.float32)

    def encode_documents(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Rows:
        """Encode passages."""
        return self._narrowed(self._encoder.encode_documents(texts, progress))

    def encode_queries(self, texts: Sequence[str]) -> Rows:
        """Encode questions."""
        return self._narrowed(self._encoder.encode_queries(texts))

    def encode_words(self, words: Sequence[str]) -> Rows:
        """Encode words out of context."""
        return self._narrowed(self._encoder.encode_words(words))

    def encode_in_context(
        self, texts: Sequence[str], *, asked: bool = False, progress: Callable[[int], None] | None = None
    ) -> list[InContext]:
        """Encode texts and each of their words."""
        read = self._encoder.encode_in_context(texts, asked=asked, progress=progress)
        return [InContext(self._narrowed(found.row[None])[0], self._narrowed(found.words)) for found in read]

    def _narrowed(self, rows: Rows) -> Rows:
        short = rows @ self._directions
        return np.asarray(short / np.maximum(np.linalg.norm(short, axis=1, keepdims=True), 1e-12), np.float32)


def rows() -> Iterator[Row]:
    """Measure libraries of 1, 2 and 4 articles, the essay, and the time it takes."""
    try:
        articles = squad.read()
    except SystemExit as absent:
        yield Row("calibration", str(absent))
        return
    encoder = load_encoder(Settings(_env_file=None))
    remembering = Remembering(encoder)
    everything: list[tuple[Asking, Calibration]] = []
    for count, choices in _choices(len(articles)).items():
        found = []
        for chosen in choices:
            generation = squad.library([articles[n] for n in chosen], folder() / "squad", remembering, Aliases({}))
            found.append((_asking(articles, chosen, generation, remembering), calibrate(generation, remembering)))
        yield from _compared(f"{len(found)} libraries of {count}", found)
        everything += found
    yield from _compared(f"all {len(everything)} libraries", everything)
    yield _likeness([asking for asking, _ in everything])
    narrow = Remembering(Narrow(encoder))
    found = []
    for chosen in _choices(len(articles))[4][:_NARROW]:
        generation = squad.library([articles[n] for n in chosen], folder() / "narrow", narrow, Aliases({}))
        found.append((_asking(articles, chosen, generation, narrow), calibrate(generation, narrow)))
    yield from _compared(f"{len(found)} libraries of 4, {_DIMENSIONS} dimensions", found)
    yield from _essay(encoder)
    yield from _time(squad.library(articles, folder() / "squad", encoder, Aliases({})), encoder)


def _choices(articles: int) -> dict[int, list[tuple[int, ...]]]:
    """Choose each article alone, eight pairs, and some fours at random."""
    rng = np.random.default_rng(5)
    fours = list(itertools.combinations(range(articles), 4))
    some = rng.choice(len(fours), min(_FOURS, len(fours)), replace=False)
    return {
        1: [(n,) for n in range(articles)],
        2: [(n, (n + 3) % articles) for n in range(articles)],
        4: [fours[n] for n in some],
    }


def _asking(articles: Sequence[Article], chosen: Sequence[int], generation: Generation, encoder: Encoder) -> Asking:
    inside = [question for n in chosen for question in articles[n].questions]
    outside = [q for n, article in enumerate(articles) if n not in chosen for q in article.questions][::_OUTSIDE]
    own = [question for question in inside if question.answers]
    confidence, right = _ask(generation, encoder, own)
    made = made_of(generation, range(len(generation.sentences)), MOST, _DEGREES)
    return Asking(
        confidence,
        right,
        _ask(generation, encoder, outside)[0],
        _ask(generation, encoder, [question for question in inside if not question.answers])[0],
        _confidence(generation, encoder, [question.text for question in made]),
    )


def _ask(
    generation: Generation, encoder: Encoder, questions: Sequence[Question]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    batches = (questions[first : first + _TOGETHER] for first in range(0, len(questions), _TOGETHER))
    answers = [a for batch in batches for a in answer(generation, encoder, [Asked(q.text) for q in batch])]
    right = [
        any(gold.casefold() in quote.text.casefold() for quote in found.quotes[:1] for gold in question.answers)
        for question, found in zip(questions, answers, strict=True)
    ]
    return _confidence(generation, encoder, [question.text for question in questions]), np.array(right, bool)


def _confidence(generation: Generation, encoder: Encoder, questions: Sequence[str]) -> NDArray[np.float64]:
    """Give the probability that the library answers, which the thresholds are for."""
    return np.array([answerable(found, default_weights()) for found in search(generation, encoder, questions)])


def _compared(what: str, found: Sequence[tuple[Asking, Calibration]]) -> Iterator[Row]:
    fixed = default_weights().answer_from
    before = np.array([asking.at(fixed) for asking, _ in found])
    after = np.array([asking.at(fitted.answer_from) for asking, fitted in found])
    claimed = np.array([[c.coverage, c.precision, c.false_answers] for _, c in found])
    thresholds = [fitted.answer_from for _, fitted in found]
    yield Row(f"{what}: threshold, fixed -> fitted (least, most)", f"{fixed:.3f} -> {_spread(thresholds)}")
    for column, name in enumerate(("coverage", "precision", "other articles' given `answer`", "impossible, the same")):
        measured = f"{before[:, column].mean():.3f} -> {after[:, column].mean():.3f}"
        if column < 3:
            off = np.abs(claimed[:, column] - after[:, column]).mean()
            measured += f"  claimed {claimed[:, column].mean():.3f}, off by {off:.3f}"
        yield Row(f"{what}: {name}", measured)
    costs = np.array([[asking.cost(fixed), asking.cost(fitted.answer_from)] for asking, fitted in found])
    mean, worse = costs.mean(axis=0), costs[:, 1] - costs[:, 0]
    measured = f"{mean[0]:.4f} -> {mean[1]:.4f}  worse in {(worse > 0).sum()}, by {max(worse.max(), 0):.3f} at most"
    yield Row(f"{what}: missed + 2 x falsely answered", measured, "not more", bool(mean[1] <= mean[0]))


def _spread(values: Sequence[float]) -> str:
    return f"{np.mean(values):.3f} ({min(values):.3f}, {max(values):.3f})"


def _likeness(found: Sequence[Asking]) -> Row:
    """Hold the logits of made questions against those of people's: the largest distance of their distributions."""
    grid = np.linspace(-6, 8, 141)
    people, made = (
        np.mean([[(_logits(values) < x).mean() for x in grid] for values in of], axis=0)
        for of in ([a.answerable for a in found], [a.made for a in found])
    )
    alone = [
        np.abs(np.array([(_logits(a.answerable) < x).mean() - (_logits(a.made) < x).mean() for x in grid])).max()
        for a in found
    ]
    largest = np.abs(people - made).max()
    return Row("confidence, made against people's questions", f"KS {largest:.3f}, {np.mean(alone):.3f} in one library")


def _logits(values: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(values, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(inside / (1 - inside)))


def _essay(encoder: Encoder) -> Iterator[Row]:
    path = squad.DATA / "essay_questions.json"
    if not path.exists():
        return
    settings = essay_settings()
    generation = generations.load(settings.data, live(settings.data) or "")
    asked = json.loads(path.read_text(encoding="utf-8"))
    own = _confidence(generation, encoder, [row["question"] for row in asked["answerable"]])
    unanswerable = _confidence(generation, encoder, asked["unanswerable"])
    fitted = calibrate(generation, encoder)
    for name, threshold in (("fixed", default_weights().answer_from), ("fitted", fitted.answer_from)):
        yield Row(
            f"essay, {name} threshold {threshold:.3f}: answerable, unanswerable answered",
            f"{(own >= threshold).sum()} of {len(own)}, {(unanswerable >= threshold).sum()} of {len(unanswerable)}",
        )
    yield Row(
        "essay, claimed: coverage, precision, false answers",
        f"{fitted.coverage:.3f}, {fitted.precision:.3f}, {fitted.false_answers:.3f}",
    )


def _time(small: Generation, encoder: Encoder) -> Iterator[Row]:
    for passages in (2_000, 10_000):
        generation = perturbed(small, encoder, folder() / f"large-{passages}", passages)
        seconds = []
        for _ in range(_ROUNDS):
            start = time.perf_counter()
            fitted = calibrate(generation, encoder)
            seconds.append(time.perf_counter() - start)
        count = fitted.answerable + fitted.unanswerable
        best = float(np.median(seconds))
        yield Row(
            f"calibrate at {len(generation.passages)} passages, median of {_ROUNDS}",
            f"{best:.2f} s, {1000 * best / count:.1f} ms a question",
            "<= 2.5 s" if passages == 2_000 else "",
            best <= 2.5 if passages == 2_000 else None,
        )
