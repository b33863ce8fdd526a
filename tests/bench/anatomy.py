"""Measures where the milliseconds of one answer go, on torch and, where it is installed, on OpenVINO."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np

from index.answering import selection as answering
from index.answering.answer import Asked
from index.indexes.bm25 import Bm25Index
from index.indexes.late_interaction import LateInteraction
from index.indexes.overlap import LexicalOverlap
from index.indexes.vectors import VectorIndex
from index.models import backend, openvino_runtime
from index.models.encoder import SentenceTransformerEncoder
from index.models.openvino_runtime import OpenVINOEncoder
from index.models.registry import DEFAULT_MODEL, Backend
from tests.bench import speed
from tests.bench.quality import folder
from tests.bench.results import Row, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.generations.generation import Generation
    from index.models.encoder import Encoder
    from tests.bench.results import Found

STAGES = ("tokenizing", "model", "words", "vectors", "BM25", "wording", "contexts", "ranking", "answer")
"""From the question to the answer; `words` puts pieces together to words, the last two are all the rest."""
_WARM_UP = 10
_ASKED = 150
_KEPT = 0.9  # of the questions; in the others something else had the processor


class Stopwatch:
    """How long each stage took, without the stages inside it."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self._inside = [0.0]

    def wrapped(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **options: Any) -> Any:
            self._inside.append(0.0)
            began = time.perf_counter()
            try:
                return function(*given, **options)
            finally:
                took = time.perf_counter() - began
                self.seconds[stage] += took - self._inside.pop()
                self._inside[-1] += took

        return timed


def rows() -> Iterator[Found]:
    """Give each stage's milliseconds and share, among 10,000 passages, for each backend."""
    try:
        generation, asked = speed.large()
    except SystemExit as absent:
        yield Row("anatomy", str(absent))
        return
    found = anatomy(generation, encoders(), asked)
    yield Series(
        "stages",
        {"stage": [*STAGES], **{name: [round(ms, 3) for ms in stages.values()] for name, stages in found.items()}},
    )
    for name, stages in found.items():
        whole = sum(stages.values())
        yield Row(f"a whole answer on {name}", f"{whole:.1f} ms")
        for stage, milliseconds in stages.items():
            yield Row(f"  {stage}", f"{milliseconds:.2f} ms {100 * milliseconds / whole:5.1f} %")


def encoders() -> dict[str, Encoder]:
    """Load the default model for each backend that is installed."""
    wanted = [Backend.TORCH, *([Backend.OPENVINO] if openvino_runtime.is_installed() else [])]
    return {str(each): backend.load(DEFAULT_MODEL, folder(), each, say=print) for each in wanted}


def anatomy(
    generation: Generation, encoders: dict[str, Encoder], questions: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Ask every encoder in turn: mean milliseconds of each stage, which add up, by encoder."""
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in encoders}
    for question in questions[: _WARM_UP + _ASKED]:
        for name, encoder in encoders.items():
            taken[name].append(_answered(generation, encoder, question))
    return {name: _mean(each[_WARM_UP:]) for name, each in taken.items()}


def _answered(generation: Generation, encoder: Encoder, question: str) -> dict[str, float]:
    watch = Stopwatch()
    with ExitStack() as stack:
        for owner, method, stage in _places(encoder):
            stack.enter_context(patch.object(owner, method, watch.wrapped(stage, getattr(owner, method))))
        watch.wrapped("answer", answering.answer)(generation, encoder, [Asked(question)])
    return watch.seconds


def _places(encoder: Encoder) -> Iterator[tuple[Any, str, str]]:
    if isinstance(encoder, OpenVINOEncoder):
        yield from ((OpenVINOEncoder, "_tokenize", "tokenizing"), (OpenVINOEncoder, "_infer", "model"))
    elif isinstance(encoder, SentenceTransformerEncoder):
        model = type(encoder.sentence_transformer)
        yield from ((model, "preprocess", "tokenizing"), (model, "forward", "model"))
    yield from (
        (type(encoder), "encode_in_context", "words"),
        (VectorIndex, "search", "vectors"),
        (Bm25Index, "scores", "BM25"),
        (LexicalOverlap, "overlap", "wording"),
        (LateInteraction, "nearest", "contexts"),
        (answering, "search", "ranking"),
    )


def _mean(taken: Sequence[dict[str, float]]) -> dict[str, float]:
    kept = sorted(taken, key=lambda stages: sum(stages.values()))[: int(_KEPT * len(taken))]
    return {stage: 1000 * float(np.mean([stages[stage] for stages in kept])) for stage in STAGES}
