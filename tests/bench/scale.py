"""Measures what a large library costs: nearest vectors by kind of index, signs of words' rows, a whole answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.libraries.opening import load_encoder, open_library
from bot.settings import Settings
from index.evaluation.metrics import read_questions
from index.indexes import vectors
from index.text.noise import Aliases
from tests.bench import growth, neighbours, signs, squad
from tests.bench.neighbours import EXACT, HNSW, IVF, NEIGHBOURS, Measured
from tests.bench.quality import essay_settings, folder
from tests.bench.results import Row, Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from index.generations.generation import Generation
    from index.models.encoder import Encoder
    from tests.bench.results import Found

_SIZES = (1_000, 10_000, 20_000, 50_000, 100_000, 1_000_000)
_QUESTIONS = Path("tests/essay_questions.json")
_HNSW_UP_TO = 100_000  # a million takes ten times as long to link, which is more than minutes
_QUERIES = 500
_QUERY_NOISE = 0.3  # length of what is added to a real question's unit vector
_GROWTH_FROM = 10_000


def rows() -> Iterator[Found]:
    """Measure vectors of 1,000 to 1,000,000 rows, then words' signs, then whole answers as passages grow."""
    encoder = load_encoder(Settings(_env_file=None))
    try:
        articles = squad.read()
    except SystemExit:
        yield Row("scale: SQuAD is absent", "vectors of the essay alone")
        yield from _nearest(*_essay(encoder))
        return
    generation = squad.library(articles, folder() / "squad", encoder, Aliases({}))
    questions = [question for article in articles for question in article.questions if question.answers]
    essay, _ = _essay(encoder)
    real = np.concatenate([_vectors(generation), essay])
    yield from _nearest(real, encoder.encode_queries([question.text for question in questions]))
    yield from signs.rows(generation, encoder, questions, {each.document: each.text for each in articles})
    yield from growth.rows(generation, encoder, [question.text for question in questions])


def _essay(encoder: Encoder) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give the essay's vectors, and as questions those that ship with it."""
    generation = open_library(essay_settings()).generation
    content = json.loads(_QUESTIONS.read_text(encoding="utf-8"))
    texts = [question.text for question in read_questions(content)]
    return _vectors(generation), encoder.encode_queries(texts)


def _vectors(generation: Generation) -> NDArray[np.float32]:
    return np.concatenate([generation.passage_vectors.vectors, generation.sentence_vectors.vectors])


def _nearest(real: NDArray[np.float32], asked: NDArray[np.float32]) -> Iterator[Found]:
    """Measure every kind at every size that it can be built at in minutes; say which one the index takes."""
    queries = neighbours.mixed(asked, _QUERIES, seed=1, noise=_QUERY_NOISE)
    everything: list[Measured] = []
    for size in _SIZES:
        made = neighbours.mixed(real, size, seed=2)
        exact = neighbours.nearest(made, queries)
        for kind in (EXACT, IVF, *((HNSW,) if size <= _HNSW_UP_TO else ())):
            everything.append(neighbours.measured(kind, made, queries, exact))
            yield _row(everything[-1])
    linked = next(each for each in reversed(everything) if each.kind == HNSW)
    yield Row(f"HNSW, {_SIZES[-1]:,} rows", f"not built: {linked.rows:,} rows took {linked.build_s:.0f} s to link")
    yield from _wanted(taken(everything))
    yield search_series(everything)


def _row(each: Measured) -> Row:
    breadth = f" ef {each.breadth}" if each.breadth else ""
    return Row(
        f"{each.kind}{breadth}, {each.rows:,} rows: search, recall@10, build, opened",
        f"{each.median_ms:.2f} ms, {each.recall:.4f}, {each.build_s:.1f} s, {each.resident_mb:.0f} MB",
    )


def taken(everything: Sequence[Measured]) -> list[Measured]:
    """Keep what was measured of the kind that the index takes at each size, sizes in order."""
    return [each for each in everything if each.kind == (EXACT if each.rows <= vectors.EXACT_UP_TO else IVF)]


def search_series(everything: Sequence[Measured]) -> Series:
    """Lay out what was measured: a line for each kind and size."""
    return Series(
        "search",
        {
            "kind": [each.kind for each in everything],
            "rows": [each.rows for each in everything],
            "milliseconds": [round(each.median_ms, 3) for each in everything],
            "recall": [round(each.recall, 4) for each in everything],
            "build_s": [round(each.build_s, 2) for each in everything],
            "resident_mb": [round(each.resident_mb, 1) for each in everything],
            "searched_mb": [round(each.searched_mb, 1) for each in everything],
        },
    )


def _wanted(found: Sequence[Measured]) -> Iterator[Row]:
    """Compare the largest index with what is wanted of it, and say how everything grows."""
    last = found[-1]
    size = f"{last.rows:,} real vectors mixed and perturbed"
    yield Row(f"{size}: median search for {NEIGHBOURS}", f"{last.median_ms:.2f} ms", "<= 5 ms", last.median_ms <= 5)
    yield Row(f"{size}: recall@10", f"{last.recall:.4f}", ">= 0.99", last.recall >= 0.99)
    for what, megabytes in (("once opened", last.resident_mb), ("after searches", last.searched_mb)):
        gigabytes = megabytes / 1000
        yield Row(f"{size}: resident {what}", f"{gigabytes:.2f} GB", "<= 1.0 GB", gigabytes <= 1.0)
    size = f"{last.rows:,} rows"
    yield Row(f"{size}: of that in pages of the mapped file", f"{(last.searched_mb - last.anonymous_mb) / 1000:.2f} GB")
    yield Row(f"{size}: median search, none of the mapped file in memory", f"{last.cold_ms:.1f} ms")
    yield Row(f"{size}: opened in, 95 of 100 searches within", f"{last.open_s:.1f} s, {last.slow_ms:.2f} ms")
    first = next(each for each in found if each.rows == _GROWTH_FROM)
    for name, field in (
        ("search time", "median_ms"),
        ("build time", "build_s"),
        ("disk", "disk_mb"),
        ("resident memory", "resident_mb"),
    ):
        slope = growth.exponent(first.rows, getattr(first, field), last.rows, getattr(last, field))
        what = f"exponent of {name}, {first.rows:,} to {last.rows:,} rows"
        yield Row(what, f"{slope:.2f}", *(("< 0.5", slope < 0.5) if field == "median_ms" else ("", None)))
