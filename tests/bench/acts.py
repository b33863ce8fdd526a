"""Measures the decision of dialogue acts: utterances that are no examples, other people's questions, time."""

from __future__ import annotations

import gzip
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import yaml

from bot.conversation import acts
from bot.conversation.acts import Act, ActClassifier
from bot.libraries.opening import load_encoder
from bot.settings import Settings
from tests.bench import squad
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from index.models.encoder import Encoder

_HERE = Path(__file__).parent
UTTERANCES = {"utterances": _HERE / "utterances.yaml", "fresh utterances": _HERE / "fresh_utterances.yaml"}
# What the thresholds were chosen on: questions that were written to be answered from a text, of other data sets.
_OTHER_QUESTIONS = ("squad2-other-articles", "squadshifts-new-wiki", "clapnq-dev", "qed-dev", "onestopqa")
_MOST_QUESTIONS = 600  # of each of them
_TIMED = 5
_THRESHOLDS = ((0, 0), (-0.2, 0), (-0.2, 0.1), (-0.2, 0.2), (-0.4, 0.1), (-0.4, 0.2), (-0.6, 0.2), (0, 0.1))


def read_utterances(path: Path) -> list[tuple[Act, str]]:
    """Read utterances with the act that each is."""
    return [(Act(act), said) for act, all_said in yaml.safe_load(path.read_text("utf-8")).items() for said in all_said]


def rows() -> Iterator[Row]:
    """Measure with the default model; what needs data that is absent says where it comes from."""
    encoder = load_encoder(Settings(_env_file=None))
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        classifier = ActClassifier(encoder, Path(folder) / "acts.npz")
        yield Row("acts: first start, encoding the examples and fitting", f"{time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        ActClassifier(encoder, Path(folder) / "acts.npz")
        yield Row("acts: later start", f"{time.perf_counter() - began:.2f} s")
    for name, path in UTTERANCES.items():
        yield from _utterances(classifier, encoder, name, path)
    yield from _questions(classifier, encoder)


def _utterances(classifier: ActClassifier, encoder: Encoder, name: str, path: Path) -> Iterator[Row]:
    expected = read_utterances(path)
    texts = [text for _, text in expected]
    vectors = encoder.encode_queries(texts)
    decided = [classifier.decide(text, row).act for text, row in zip(texts, vectors, strict=True)]
    confusion = np.zeros((len(Act), len(Act)), int)
    for (right, _), act in zip(expected, decided, strict=True):
        confusion[list(Act).index(right), list(Act).index(act)] += 1
    found = macro_f1(confusion)
    yield Row(f"acts: macro F1 ({name}, {len(texts)})", f"{found:.3f}", ">= 0.93", found >= 0.93)
    wrong = int(confusion[0, 1:].sum())
    yield Row(f"acts: questions taken for something else ({name})", f"{wrong} of {confusion[0].sum()}")
    for act, counts in zip(Act, confusion, strict=True):
        yield Row(f"  {act.value}", " ".join(f"{other.value} {n}" for other, n in zip(Act, counts, strict=True) if n))
    for (right, text), act in zip(expected, decided, strict=True):
        if act is not right:
            yield Row(f"  wrong: {text[:60]}", f"{right.value} -> {act.value}")
    spent = time_of(classifier, texts, vectors)
    yield Row(f"acts: processor time of a decision, median / 99 % ({name})", spent)


def _questions(classifier: ActClassifier, encoder: Encoder) -> Iterator[Row]:
    asked = {name: found for name in _OTHER_QUESTIONS if (found := _questions_of(name))}
    for name, texts in asked.items():
        yield Row(f"acts: questions of {name} taken for something else", taken_for_acts(classifier, encoder, texts))
    yield from _thresholds(classifier, encoder, [text for texts in asked.values() for text in texts])
    try:
        articles = squad.read()
    except SystemExit as absent:
        yield Row("acts: questions of SQuAD", str(absent))
        return
    questions = [question for article in articles for question in article.questions]
    answerable = [question.text for question in questions if question.answers]
    taken = taken_for_acts(classifier, encoder, answerable)
    yield Row("acts: questions of SQuAD taken for something else", taken, "<= 3", int(taken.split()[0]) <= 3)
    others = [question.text for question in questions if not question.answers]
    yield Row("acts: SQuAD's unanswerable ones", taken_for_acts(classifier, encoder, others))
    yield Row(
        "acts: processor time of a decision, median / 99 % (SQuAD)",
        spent := time_of(classifier, answerable[:300], encoder.encode_queries(answerable[:300])),
        "< 200 µs",
        float(spent.split()[0]) < 200,
    )


def _questions_of(name: str) -> list[str]:
    path = squad.DATA / "qa" / f"{name}.jsonl.gz"
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        asked = sorted({json.loads(line)["question"].strip() for line in lines})
    return asked[:: max(1, len(asked) // _MOST_QUESTIONS)]


def _thresholds(classifier: ActClassifier, encoder: Encoder, questions: Sequence[str]) -> Iterator[Row]:
    """Compare thresholds: what they lose of the utterances, and what they take of other people's questions."""
    expected = read_utterances(UTTERANCES["utterances"])
    texts = [*(text for _, text in expected), *questions]
    vectors = encoder.encode_queries(texts)
    chosen = acts.THRESHOLD, acts.THRESHOLD_PER_UNKNOWN
    try:
        for least, per_unknown in _THRESHOLDS:
            acts.THRESHOLD, acts.THRESHOLD_PER_UNKNOWN = least, per_unknown
            decided = [classifier.decide(text, row).act for text, row in zip(texts, vectors, strict=True)]
            right = sum(act is wanted for act, (wanted, _) in zip(decided, expected, strict=False))
            taken = sum(act is not Act.QUESTION for act in decided[len(expected) :])
            shown = f"{right} of {len(expected)} right, {taken} of {len(questions)} questions taken"
            yield Row(f"acts: threshold {least:+} and {per_unknown} an unknown word", shown)
    finally:
        acts.THRESHOLD, acts.THRESHOLD_PER_UNKNOWN = chosen


def taken_for_acts(classifier: ActClassifier, encoder: Encoder, asked: Sequence[str]) -> str:
    """Count the questions that are taken for something else."""
    vectors = encoder.encode_queries(asked)
    decided = [classifier.decide(text, row).act for text, row in zip(asked, vectors, strict=True)]
    return f"{sum(act is not Act.QUESTION for act in decided)} of {len(asked)}"


def macro_f1(confusion: NDArray[np.int_]) -> float:
    """Average the F1 of all acts; `confusion` has a row for each true act."""
    right = np.diag(confusion)
    return float(np.mean(2 * right / np.maximum(confusion.sum(axis=0) + confusion.sum(axis=1), 1)))


def time_of(classifier: ActClassifier, texts: Sequence[str], vectors: NDArray[np.float32]) -> str:
    """Measure the processor time of decisions, the fastest of a few runs each."""
    spent = []
    for text, row in zip(texts, vectors, strict=True):
        runs = []
        for _ in range(_TIMED):
            began = time.thread_time_ns()
            classifier.decide(text, row)
            runs.append(time.thread_time_ns() - began)
        spent.append(min(runs) / 1000)
    median, most = np.quantile(spent, [0.5, 0.99])
    return f"{median:.0f} / {most:.0f} µs"
