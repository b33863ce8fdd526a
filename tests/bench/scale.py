"""Measures what a large library costs: nearest vectors by kind of index, signs of words' rows, a whole answer."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.library import load_encoder, open_library
from bot.settings import Settings
from index.cleaning import Aliases
from index.evaluation import read_questions
from tests.bench import growth, neighbours, signs, squad
from tests.bench.neighbours import EXACT, HNSW, HNSW_FLAT, IVF, RULE, Measured
from tests.bench.quality import essay_settings, folder
from tests.bench.results import Row, Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from index.encoder import Encoder
    from index.generation import Generation
    from tests.bench.results import Found

_SIZES = (1_000, 10_000, 20_000, 50_000, 100_000, 1_000_000)
_QUESTIONS = Path("tests/essay_questions.json")
_HNSW_UP_TO = 100_000  # a million takes ten times as long to link, which is more than minutes
_QUERIES = 500
_QUERY_NOISE = 0.3  # length of what is added to a real question's unit vector
_GROWTH_FROM = 10_000
_PLACES = {"build_s": 2, "disk_mb": 1, "resident_mb": 1, "anonymous_mb": 1, "open_s": 3, "recall": 4}


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
    everything = _measured(real, asked)
    by_kind: dict[str, list[Measured]] = defaultdict(list)
    for each in everything:
        by_kind[each.kind].append(each)
        if each.kind == RULE:
            yield _row(each)
    yield from _wanted(by_kind[RULE])
    for each in everything:
        if each.kind != RULE:
            yield _row(each)
    yield Row("HNSW at 1,000,000 rows", f"not built: it was stopped at {_HNSW_UP_TO:,}")
    yield from (_series(kind, found) for kind, found in by_kind.items())


def _measured(real: NDArray[np.float32], asked: NDArray[np.float32]) -> list[Measured]:
    """Measure what the rule picks at every size, and every kind that is not what it picks."""
    queries = neighbours.mixed(asked, _QUERIES, seed=1, noise=_QUERY_NOISE)
    found = []
    for size in _SIZES:
        made = neighbours.mixed(real, size, seed=2)
        exact = neighbours.nearest(made, queries)
        kinds = (RULE, EXACT, IVF, *((HNSW, HNSW_FLAT) if size <= _HNSW_UP_TO else ()))
        found += [neighbours.measured(kind, made, queries, exact) for kind in kinds]
    return found


def _row(each: Measured) -> Row:
    breadth = f" ef {each.breadth}" if each.breadth else ""
    return Row(
        f"{each.kind}{breadth}, {each.rows:,} rows: search, recall@10, build, resident",
        f"{each.median_ms:.2f} ms, {each.recall:.4f}, {each.build_s:.1f} s, {each.resident_mb:.0f} MB",
    )


def _wanted(found: Sequence[Measured]) -> Iterator[Row]:
    """Compare the largest index with what is wanted of it, and say how everything grows."""
    last = found[-1]
    size = f"{last.rows:,} rows"
    yield Row(f"{size}: median search", f"{last.median_ms:.2f} ms", "<= 5 ms", last.median_ms <= 5)
    yield Row(f"{size}: recall@10", f"{last.recall:.4f}", ">= 0.99", last.recall >= 0.99)
    resident = f"{last.resident_mb / 1000:.2f} GB ({last.anonymous_mb / 1000:.2f} not of a file)"
    yield Row(f"{size}: resident", resident, "<= 1.0 GB", last.resident_mb <= 1000)
    yield Row(f"{size}: opened in, 95 of 100 searches within", f"{last.open_s:.1f} s, {last.slow_ms:.2f} ms")
    grown = [each for each in found if each.rows >= _GROWTH_FROM]
    for name, field in (
        ("search time", "median_ms"),
        ("build time", "build_s"),
        ("disk", "disk_mb"),
        ("resident memory", "resident_mb"),
    ):
        exponent = growth.exponent(grown[0].rows, getattr(grown[0], field), last.rows, getattr(last, field))
        what = f"exponent of {name}, {grown[0].rows:,} to {size}"
        wanted = ("< 0.5", exponent < 0.5) if field == "median_ms" else ("", None)
        yield Row(what, f"{exponent:.2f}", *wanted)


def _series(kind: str, found: Sequence[Measured]) -> Series:
    columns = {
        each.name: [_rounded(each.name, getattr(one, each.name)) for one in found]
        for each in fields(Measured)
        if each.name != "kind"
    }
    return Series(f"nearest: {kind}", columns)


def _rounded(name: str, value: float) -> float:
    return round(value, _PLACES.get(name, 3)) if isinstance(value, float) else value
