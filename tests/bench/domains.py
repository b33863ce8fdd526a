"""Measures finding, quoting and confidence on documents of several domains, beside BM25, dense search and their sum."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bot.libraries.opening import load_encoder
from bot.settings import Settings
from index.answering.answer import Asked, Outcome
from index.evaluation.calibration import calibrate
from index.generations.narrowing import without
from tests.bench import sets, squad
from tests.bench.abstention import accepted_at_kept
from tests.bench.alone import channels
from tests.bench.asking import answers_to
from tests.bench.metrics import auc, estimate
from tests.bench.quality import folder
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from index.answering.answer import Answer
    from index.generations.generation import Generation
    from index.models.encoder import Encoder
    from tests.bench.sets import Question, QuestionSet

_SURE = 0.95
_KEPT = 0.9  # share of the answerable questions that a threshold must accept
_FEWEST = 20  # questions without an answer, below which nothing is said of them
_PEERS = {"BM25": "BM25 passages alone", "dense": "dense passages alone", "their sum": "plain sum"}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one library said to its questions; each array [questions] but for `left_out` and `left_out_answered`.

    `places` are the places, from 1, of the first passage that is right, `quoted` those of the first right quote;
    infinity where none is. `left_out` is the confidence in questions of documents that were hidden.
    """

    answerable: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    answered: NDArray[np.bool_]
    places: NDArray[np.float64]
    quoted: NDArray[np.float64]
    left_out: NDArray[np.float64]
    left_out_answered: NDArray[np.bool_]


def rows() -> Iterator[Row]:
    """Measure each domain whose data is there."""
    encoder = load_encoder(Settings(_env_file=None))
    for name in (sets.SQUAD, *sets.KINDS):
        found = sets.read(name)
        if found is None:
            yield Row(name, f"is not in {squad.DATA}: set BENCH_DATA to the folder that holds it.")
            continue
        generation = sets.library(found, folder() / "domains" / name, encoder)
        fitted = calibrate(generation, encoder)
        measured = measure(replace(generation, calibration=fitted), encoder, found)
        yield from _found(name, measured)
        for peer, hits in _peers(generation, encoder, found).items():
            yield Row(f"{name}: {peer} alone, hit@1", str(estimate(hits)))
        yield from _judged(name, measured, fitted.false_answers)


def measure(generation: Generation, encoder: Encoder, found: QuestionSet) -> Measured:
    """Ask all questions; then those of every other document again, with these documents hidden."""
    answers = answers_to(generation, encoder, [Asked(question.text) for question in found.questions])
    pairs = list(zip(found.questions, answers, strict=True))
    hidden = frozenset(sorted(found.documents)[::2])
    view = without(generation, np.array([passage.document in hidden for passage in generation.passages]))
    asked = [q for q in found.questions if q.gold and all(gold.document in hidden for gold in q.gold)]
    left_out = answers_to(view, encoder, [Asked(question.text) for question in asked])
    return Measured(
        answerable=np.array([bool(question.gold) for question in found.questions]),
        confidence=np.array([given.confidence for given in answers]),
        answered=_answered(answers),
        places=np.array([_place(question, given.passages) for question, given in pairs]),
        quoted=np.array([_place(question, given.quotes) for question, given in pairs]),
        left_out=np.array([given.confidence for given in left_out]),
        left_out_answered=_answered(left_out),
    )


def _answered(answers: Sequence[Answer]) -> NDArray[np.bool_]:
    return np.array([given.outcome is Outcome.ANSWER for given in answers], bool)


def _place(question: Question, found: Sequence[sets.Place]) -> float:
    """Give the place, from 1, of the first piece that meets a gold one; infinity when none does."""
    return next((place for place, one in enumerate(found, 1) if _right(question, one)), np.inf)


def _right(question: Question, one: sets.Place) -> bool:
    return any(gold.meets(one.document, one.start, one.end) for gold in question.gold)


def _found(name: str, measured: Measured) -> Iterator[Row]:
    chosen = measured.answerable
    yield Row(f"{name}: hit@1 ({chosen.sum()} questions)", str(estimate(measured.places[chosen] <= 1)))
    for among in (1, 3):
        yield Row(f"{name}: quote@{among}", str(estimate(measured.quoted[chosen] <= among)))


def _judged(name: str, measured: Measured, promised: float) -> Iterator[Row]:
    """Say whether confidence means what it says, and whether questions without an answer are told so."""
    inside = measured.confidence[measured.answerable]
    yield Row(f"{name}: answerable given `answer`", f"{measured.answered[measured.answerable].mean():.3f}")
    sure = measured.confidence >= _SURE
    right = f"{(measured.quoted[sure] <= 1).mean():.3f} of {sure.sum()}" if sure.any() else "none"
    yield Row(f"{name}: first quotes of confidence >= {_SURE} that are right", right)
    impossible = ~measured.answerable
    groups = (
        ("unanswerable, on topic", measured.confidence[impossible], measured.answered[impossible]),
        ("of documents left out", measured.left_out, measured.left_out_answered),
    )
    for kind, confidence, answered in groups:
        if len(confidence) < _FEWEST:
            continue
        what = f"{name}: {kind} ({len(confidence)})"
        yield Row(f"{what}, AUC", f"{auc(inside, confidence):.3f}")
        accepted = accepted_at_kept(inside, confidence, _KEPT)
        yield Row(f"{what}, accepted at {_KEPT:.0%} kept", f"{accepted:.3f}")
        yield Row(f"{what}, given `answer` / promised", f"{answered.mean():.3f} / {promised:.3f}")


def _peers(generation: Generation, encoder: Encoder, found: QuestionSet) -> dict[str, list[bool]]:
    """Say of each answerable question whether the best passage by one kind of evidence alone is right."""
    asked = [question for question in found.questions if question.gold]
    hits: dict[str, list[bool]] = {peer: [] for peer in _PEERS}
    for question, scores in zip(asked, channels(generation, encoder, [q.text for q in asked]), strict=True):
        for peer, channel in _PEERS.items():
            hits[peer].append(_right(question, generation.passages[int(np.argmax(scores[channel]))]))
    return hits
