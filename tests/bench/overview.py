"""Measures overviews against hand-marked main sentences, next to lead and LexRank, and their time."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from bot.libraries.opening import load_encoder, open_library
from bot.settings import Settings
from index.answering.answer import Asked
from index.answering.overview import main_sentences, overview
from index.answering.scope import Scope
from index.answering.selection import answer
from index.documents.document import read_sources
from index.generations import generation as generations
from index.generations.build import build
from index.generations.manifest import live
from index.generations.promotion import promote
from index.text.noise import Aliases
from index.text.sections import Section
from tests.bench import speed, squad
from tests.bench.quality import essay_settings, folder
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.generations.generation import Generation
    from index.models.encoder import Encoder

_MARKED = Path(__file__).parent / "main_sentences.yaml"
_FILES = squad.DATA / "qa/documents"
_DAMPING, _ROUNDS = 0.85, 50  # of LexRank
_TIMED = 15
_ESSAY_QUOTES = 7
_QUESTIONS = ("what is the largest city", "who was the first king", "how does the system work", "why did it fail")


def rows() -> Iterator[Row]:
    """Compare with the marks first, then measure the time at 10,000 passages."""
    settings = Settings(_env_file=None)
    encoder = load_encoder(settings)
    essay = open_library(essay_settings()).generation
    marked = yaml.safe_load(_MARKED.read_text(encoding="utf-8"))
    whole = Scope(essay.sections)
    shown = overview(essay, whole)
    for name, numbers in _methods(essay, essay.sections, shown).items():
        found = sum(_holds(essay, numbers, any_of) for any_of in marked["essay"].values())
        wanted = ("4 of 4", found == 4 and len(shown) <= _ESSAY_QUOTES) if name == "overview" else ("", None)
        yield Row(f"essay's thesis and three axes among {len(numbers)} quotes: {name}", f"{found} of 4", *wanted)
    if _FILES.exists():
        documents = documents_library(encoder)
        yield from _sections(marked["sections"], essay, documents)
        yield from _time(encoder, documents)
    else:
        yield Row("overviews of sections, time", f"{_FILES} is absent")


def documents_library(encoder: Encoder) -> Generation:
    """Open the library of the shared documents of many kinds; build it if need be."""
    data = folder() / "documents"
    if live(data) is None:
        data.mkdir(parents=True, exist_ok=True)
        sources, _ = read_sources([_FILES])
        report = build(sources, data=data, encoder=encoder, aliases=Aliases({}), built_at="2026-01-01T00:00:00+00:00")
        promote(data, report.generation, at="2026-01-01T00:00:00+00:00")
    return generations.load(data, live(data) or "")


def _sections(marked: Sequence[dict[str, Any]], *libraries: Generation) -> Iterator[Row]:
    """Count the sections whose overview, and whose single best sentence, is a marked one."""
    counts: dict[str, list[int]] = {}
    for each in marked:
        generation, section = next(
            (library, section)
            for library in libraries
            for section in library.sections
            if section.document == each["document"] and section.heading.startswith(each["heading"])
        )
        shown = main_sentences(generation, [section])
        first = main_sentences(generation, [section], 1)
        alone = _methods(generation, [section], first)
        for name, numbers in _methods(generation, [section], shown).items():
            found = (_holds(generation, numbers, each["any"]), _holds(generation, alone[name], each["any"]))
            counts[name] = [a + b for a, b in zip(counts.get(name, [0, 0]), found, strict=True)]
    for name, (all_shown, best) in counts.items():
        wanted = ("8 of 10", all_shown >= 8) if name == "overview" else ("", None)
        yield Row(f"sections with a main sentence among the quotes: {name}", f"{all_shown} of {len(marked)}", *wanted)
        yield Row(f"sections with a main sentence as the only quote: {name}", f"{best} of {len(marked)}")


def _methods(generation: Generation, sections: Sequence[Section], shown: Sequence[int]) -> dict[str, Sequence[int]]:
    """Choose as many sentences as are shown by each method."""
    starts = generation.sentence_starts
    numbers = np.arange(starts[sections[0].first], starts[sections[-1].end])
    vectors = generation.sentence_vectors.vectors[numbers]
    best = np.sort(np.argsort(-lexrank(vectors), kind="stable")[: len(shown)])
    return {"overview": shown, "lead": numbers[: len(shown)].tolist(), "LexRank": numbers[best].tolist()}


def lexrank(vectors: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Score sentences by continuous LexRank (Erkan and Radev 2004) over cosines: float64 [rows], higher = central."""
    links = np.maximum(vectors @ vectors.T, 0.0).astype(np.float64)
    links /= links.sum(axis=1, keepdims=True)
    scores = np.full(len(links), 1 / len(links))
    for _ in range(_ROUNDS):
        scores = (1 - _DAMPING) / len(links) + _DAMPING * links.T @ scores
    return scores


def _holds(generation: Generation, numbers: Sequence[int], any_of: Sequence[str]) -> bool:
    texts = [" ".join(generation.sentence(number).text.split()) for number in numbers]
    return any(part in text for part in any_of for text in texts)


def _time(encoder: Encoder, real: Generation) -> Iterator[Row]:
    """Compare the median time of overviews with that of answers, of the same library in turn."""
    large = speed.perturbed(real, encoder, folder() / "large_documents")
    one = large.sections[:1]
    book = [Section("000.txt", "", 0, len(large.passages))]  # as one section without headings
    parts = [Section("000.txt", "", first, first + 10) for first in range(0, len(large.passages), 10)]
    calls: dict[str, Callable[[], object]] = {
        "of all its documents": partial(overview, large, Scope(large.sections)),
        "of one document": partial(overview, large, Scope(one)),
        "of one section of 10,000 passages": partial(main_sentences, large, book),
        "of one document of 1,000 sections": partial(main_sentences, large, parts),
    }
    taken: dict[str, list[float]] = {name: [] for name in ("answer", *calls)}
    for turn in range(_TIMED):
        calls_now = {"answer": partial(answer, large, encoder, [Asked(_QUESTIONS[turn % len(_QUESTIONS)])]), **calls}
        for name, call in calls_now.items():
            began = time.perf_counter()
            call()
            taken[name].append(1000 * (time.perf_counter() - began))
    medians = {name: float(np.median(times[1:])) for name, times in taken.items()}
    for name in calls:
        ratio = medians[name] / medians["answer"]
        yield Row(
            f"{len(large.passages):,} passages: time of an overview {name} / of an answer",
            f"{ratio:.2f} ({medians[name]:.1f} / {medians['answer']:.1f} ms)",
            "<= 2",
            ratio <= 2,
        )
