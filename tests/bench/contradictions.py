"""Measures how often a quote is held to contradict its question: where people found an answer in it, and where none."""

from __future__ import annotations

import gzip
import json
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from index.answering.contradiction import contradicts
from index.text.sentences import sentences
from tests.bench import sets, squad
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_LOST = 0.01  # share of answerable questions
_AROUND = 1_500  # characters on each side of a gold place that its passage has at most
_QUESTIONS = 1_000  # of each set, the first ones; all of those with unanswerable ones
_ALL = (sets.SQUAD, "squad2-other-articles")


def rows() -> Iterator[Row]:
    """Hold each question to the sentence with its answer, or with what seems to be one."""
    causes: defaultdict[str, list[bool]] = defaultdict(list)
    seconds: list[float] = []
    for name in dict.fromkeys((*_ALL, *sets.PASSAGES, *sets.KINDS)):
        lost: list[bool] = []
        for question, sentence, passage, cause in _read(name):
            started = time.process_time()
            found = contradicts(question, sentence, passage)
            seconds.append(time.process_time() - started)
            (lost if cause is None else causes[cause]).append(found)
        if not lost:
            yield Row(name, f"is not in {squad.DATA}: set BENCH_DATA to the folder that holds it.")
            continue
        share = float(np.mean(lost))
        yield Row(f"{name}: answerable ({len(lost)})", f"{share:.4f}", f"< {_MOST_LOST}", share < _MOST_LOST)
    for cause, of_cause in sorted(causes.items()):
        yield Row(f"unanswerable, {cause} ({len(of_cause)})", f"{np.mean(of_cause):.3f}")
    yield Row("processor time of one check, mean", f"{1000 * np.mean(seconds):.2f} ms")


def _read(name: str) -> Iterator[tuple[str, str, str, str | None]]:
    """Yield question, sentence, passage and, of an unanswerable question, why; nothing where there are no data."""
    if name == sets.SQUAD:
        yield from _squad()
    elif name in sets.KINDS:
        yield from _whole(name)
    elif (path := squad.DATA / "qa" / f"{name}.jsonl.gz").exists():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            found = [json.loads(line) for line in lines]
        for row in found if name in _ALL else found[:_QUESTIONS]:
            cause = None if row["answers"] else row.get("cause") or "no reason given"
            seeming = row["answers"] or row.get("plausible") or []
            seeming = [seeming] if isinstance(seeming, str) else seeming
            if seeming and (start := row["passage"].find(seeming[0])) >= 0:
                yield row["question"], _sentence(row["passage"], start), row["passage"], cause


def _squad() -> Iterator[tuple[str, str, str, str | None]]:
    path = squad.DATA / squad.FILE
    content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"data": []}
    for paragraph in (each for article in content["data"] for each in article["paragraphs"]):
        for asked in paragraph["qas"]:
            impossible = asked["is_impossible"]
            for found in (asked.get("plausible_answers", []) if impossible else asked["answers"])[:1]:
                passage = paragraph["context"]
                yield (
                    asked["question"],
                    _sentence(passage, found["answer_start"]),
                    passage,
                    "SQuAD, any reason" if impossible else None,
                )


def _whole(name: str) -> Iterator[tuple[str, str, str, str | None]]:
    found = sets.read(name)
    for question in found.questions if found is not None else ():
        for gold in question.gold[:1]:
            text = found.documents[gold.document] if found is not None else ""
            start = max(0, gold.start - _AROUND, text.rfind("\n\n", 0, gold.start))
            end = text.find("\n\n", gold.end)
            end = min(len(text), gold.end + _AROUND, end if end >= 0 else len(text))
            yield question.text, _sentence(text[start:end], gold.start - start), text[start:end], None


def _sentence(passage: str, at: int) -> str:
    spans = sentences(passage, 0, len(passage))
    start, end = next((span for span in spans if span[0] <= at < span[1]), spans[0] if spans else (0, len(passage)))
    return passage[start:end]
