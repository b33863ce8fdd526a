"""Measures whether silence is kept where there is no answer, and whether stated confidence can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.libraries.opening import load_encoder
from bot.settings import Settings
from index.answering.answer import Asked, Outcome
from index.text.noise import Aliases
from tests.bench import squad
from tests.bench.asking import answers_to, holds_answer, not_verbatim, sources_of
from tests.bench.fit import Remembering
from tests.bench.metrics import auc, estimate, estimate_of
from tests.bench.quality import folder
from tests.bench.results import Row, Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from index.models.encoder import Encoder
    from tests.bench.results import Found
    from tests.bench.squad import Article

_KEPT = 0.95  # share of the answerable questions that a threshold must accept
_POINTS = 100
_BINS = 10


@dataclass(frozen=True, slots=True)
class Asking:
    """What one library said to its own answerable questions and to all of other articles; each array [questions].

    `inside` tells whose answer is in the library, `answerable` whose is anywhere, `right` where the first quote holds
    it; `changed` counts quotes that are not verbatim.
    """

    confidence: NDArray[np.float64]
    inside: NDArray[np.bool_]
    answerable: NDArray[np.bool_]
    answered: NDArray[np.bool_]
    right: NDArray[np.bool_]
    changed: int


def rows() -> Iterator[Found]:
    """Measure both swaps: every other article indexed, by title, and then the rest."""
    try:
        articles = squad.read()
    except SystemExit as absent:
        yield Row("abstention", str(absent))
        return
    encoder = Remembering(load_encoder(Settings(_env_file=None)))
    first = ask(articles, articles[::2], encoder)
    yield from _refusal(first, "other 4 articles", wanted=True)
    second = ask(articles, articles[1::2], encoder)
    yield from _refusal(second, "the swap", wanted=False)
    changed = first.changed + second.changed
    yield Row("quotes that are not source[start:end]", str(changed), "0", changed == 0)
    confidence = np.concatenate([first.confidence, second.confidence])
    yield from _selective(confidence, np.concatenate([first.right, second.right]))
    yield from _calibrated(confidence, np.concatenate([first.inside, second.inside]))


def ask(articles: Sequence[Article], indexed: Sequence[Article], encoder: Encoder) -> Asking:
    """Index some articles and ask about all; not what people could not answer from the very articles indexed."""
    generation = squad.library(indexed, folder() / "squad", encoder, Aliases({}))
    titles = {article.title for article in indexed}
    questions = [q for article in articles for q in article.questions if q.answers or q.article not in titles]
    answers = answers_to(generation, encoder, [Asked(question.text) for question in questions])
    inside = np.array([question.article in titles for question in questions])
    right = [
        any(holds_answer(question, quote.text) for quote in found.quotes[:1])
        for question, found in zip(questions, answers, strict=True)
    ]
    return Asking(
        confidence=np.array([found.confidence for found in answers]),
        inside=inside,
        answerable=np.array([bool(question.answers) for question in questions]),
        answered=np.array([found.outcome is Outcome.ANSWER for found in answers]),
        right=inside & np.array(right),  # another article may hold the same words, but they answer nothing there
        changed=not_verbatim(answers, sources_of(indexed)),
    )


def _refusal(found: Asking, name: str, *, wanted: bool) -> Iterator[Row]:
    inside = found.confidence[found.inside]
    for kind, chosen in (("all", ~found.inside), ("only answerable", ~found.inside & found.answerable)):
        outside, asks = found.confidence[chosen], wanted and kind == "all"
        what = f"{name} ({kind}, {chosen.sum()})"
        area, accepted = estimate_of(auc, inside, outside), estimate_of(accepted_at_kept, inside, outside)
        yield Row(f"AUC, {what}", str(area), ">= 0.99" if asks else "", area.value >= 0.99 if asks else None)
        yield Row(
            f"accepted at 95 % kept, {what}",
            str(accepted),
            "<= 0.05" if asks else "",
            accepted.value <= 0.05 if asks else None,
        )
        yield Row(f"given `answer`, {what}", str(estimate(found.answered[chosen])))
    answered = found.answered[found.inside]
    yield Row(f"given `answer`, own answerable questions, {name} aside ({len(inside)})", str(estimate(answered)))


def accepted_at_kept(inside: NDArray[np.float64], outside: NDArray[np.float64], kept: float = _KEPT) -> float:
    """Give the share of outside questions at or above the confidence that keeps a share of the inside ones."""
    return float((outside >= np.quantile(inside, 1 - kept)).mean())


def _selective(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> Iterator[Found]:
    """Say how often the first quote is wrong when only the surest questions are answered (El-Yaniv, Wiener, 2010)."""
    area = estimate_of(
        lambda drawn: float(risks(drawn[:, 0], drawn[:, 1]).mean()), np.column_stack([confidence, right])
    )
    yield Row(f"risk under the curve, AURC ({len(right)} questions of both)", str(area))
    yield Row("  of a perfect order, which has all right ones first", f"{perfect(right).mean():.3f}")
    yield Row("  of any order, on average: share of wrong first quotes", f"{1 - right.mean():.3f}")
    counts = np.unique(np.linspace(1, len(right), _POINTS).round().astype(int))
    columns = {
        "coverage": counts / len(right),
        "risk": risks(confidence, right)[counts - 1],
        "perfect": perfect(right)[counts - 1],
    }
    yield Series("risk_coverage", {name: values.round(4).tolist() for name, values in columns.items()})


def risks(confidence: NDArray[np.float64], right: NDArray[np.generic]) -> NDArray[np.float64]:
    """Give the share of wrong ones among the first 1, 2, ... questions, surest first; of equals, wrong ones first."""
    ordered = np.asarray(right, bool)[np.lexsort((right, -confidence))]
    return np.asarray(np.cumsum(~ordered) / np.arange(1, len(ordered) + 1))


def perfect(right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give the same for an order that has all right ones first."""
    return risks(right.astype(float), right)


def _calibrated(confidence: NDArray[np.float64], inside: NDArray[np.bool_]) -> Iterator[Found]:
    columns = bins(confidence, inside)
    error = estimate_of(lambda drawn: expected_error(drawn[:, 0], drawn[:, 1]), np.column_stack([confidence, inside]))
    yield Row(f"expected calibration error, {_BINS} bins, {inside.mean():.2f} answered by the library", str(error))
    yield Series("reliability", {name: values.round(4).tolist() for name, values in columns.items()})


def bins(confidence: NDArray[np.float64], right: NDArray[np.generic]) -> dict[str, NDArray[np.generic]]:
    """Give for each tenth of 0..1 that is stated at all the mean confidence, the share that is right, and the count."""
    numbers = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    questions = np.bincount(numbers, minlength=_BINS)
    stated = questions > 0
    sums = (np.bincount(numbers, values, minlength=_BINS)[stated] for values in (confidence, right))
    means = [values / questions[stated] for values in sums]
    return {"confidence": means[0], "right": means[1], "questions": questions[stated]}


def expected_error(confidence: NDArray[np.float64], right: NDArray[np.generic]) -> float:
    """Give how far what is stated is from what is right, bin by bin, large bins counting more (Naeini et al., 2015)."""
    columns = bins(confidence, right)
    off = np.abs(columns["confidence"] - columns["right"])
    return float((off * columns["questions"]).sum() / len(confidence))
