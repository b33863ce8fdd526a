"""Measures what a rebuild costs, what it spares, and that nobody who asks meanwhile notices."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.engine import AnsweringEngine
from bot.libraries.jobs import JobRunner
from bot.libraries.opening import Library, open_library
from bot.libraries.rebuild import SEEDS, BuildOptions, now, rebuild
from bot.settings import Settings
from index.documents.document import Document, read_sources
from index.generations.build import prepare
from index.generations.promotion import roll_back
from index.models.encoder import SentenceTransformerEncoder
from index.text.aliases import read_aliases
from tests.bench import squad
from tests.bench.quality import folder
from tests.bench.results import Row
from tests.bench.speed import made_up

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.models.encoder import Encoder

_PASSAGES = 2_000
_REBUILDS = 200
_ASKERS = 16
_WARM_UP = 20
_SAMPLE = 512
_ROUNDS = 3
_BATCHES = (8, 16, 32, 64, 128)
_ALONE_S = 45.0
_AFTER_S = 10.0  # in which what was promoted is opened and begins to answer
_SENTENCE = ". "


def rows() -> Iterator[Row]:
    """Measure a library of 2,000 passages built for the first time, anew and after changes; then a busy small one."""
    here = folder() / "rebuilds"
    shutil.rmtree(here, ignore_errors=True)
    encoder = SentenceTransformerEncoder()
    documents = made_up(_real_sentences(), _PASSAGES)
    yield _rate(documents, encoder)
    yield from _again(documents, here / "large", encoder)
    yield from asyncio.run(_crowd(here / "small", encoder))
    yield asyncio.run(_beside(documents, here / "beside", encoder))


def _real_sentences() -> list[str]:
    """Give sentences to make documents of: the articles', or the essay's where they are absent."""
    try:
        texts = [paragraph for article in squad.read() for paragraph in article.paragraphs]
    except SystemExit:
        texts = [document.text for document in read_sources([SEEDS])[0]]
    return [f"{part.strip().rstrip('.')}." for text in texts for part in text.split(_SENTENCE)]


def _rate(documents: Sequence[Document], encoder: SentenceTransformerEncoder) -> Row:
    """Encode the same texts as a build does and with the bare model, in turn: the ratio of the best of three."""
    model = encoder.sentence_transformer
    prepared = prepare(documents[:4], read_aliases(Path("prompts/aliases.yaml")))
    passages, windows = prepared.passage_texts[: _SAMPLE // 4], prepared.window_texts[:_SAMPLE]
    ours, bare = [], {size: [] for size in _BATCHES}  # type: dict[int, list[float]]
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        encoder.encode_documents(passages)
        encoder.encode_in_context(windows)
        ours.append(time.perf_counter() - began)
        for size in _BATCHES:
            began = time.perf_counter()
            model.encode([*passages], batch_size=size)
            model.encode([*windows], batch_size=size)
            bare[size].append(time.perf_counter() - began)
    best = min(bare, key=lambda size: min(bare[size]))
    ratio = min(bare[best]) / min(ours)
    return Row(
        "first build's encode rate / bare model.encode", f"{ratio:.2f} (best batch {best})", ">= .9", ratio >= 0.9
    )


def _again(documents: Sequence[Document], data: Path, encoder: Encoder) -> Iterator[Row]:
    """Build, build the same again, and build with one passage in a hundred changed."""
    settings = Settings(_env_file=None, data=data)
    first, took = _timed(settings, documents, encoder)
    again, took_again = _timed(settings, documents, encoder)
    share = took_again / took
    yield Row(
        f"{first.report.passages:,} unchanged passages: encoded; time / first build",
        f"{again.report.encoded}; {100 * share:.1f} % ({took_again:.1f} of {took:.0f} s)",
        "0; < 5 %",
        again.report.encoded == 0 and share < 0.05,
    )
    changed, took_changed = _timed(settings, [_edited(document) for document in documents], encoder)
    share = took_changed / took
    yield Row(
        f"{changed.changes.passages_changed} passages changed: encoded; time / first build",
        f"{changed.report.encoded}; {100 * share:.1f} % ({took_changed:.1f} s)",
        "< 6 %",
        share < 0.06,
    )


def _timed(settings: Settings, documents: Sequence[Document], encoder: Encoder):  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    rebuilt = rebuild(
        settings, settings.data, lambda *_: ([*documents], []), lambda: encoder, BuildOptions(anyway=True)
    )
    return rebuilt, time.perf_counter() - began


def _edited(document: Document) -> Document:
    """Change one word of one passage: one in a hundred."""
    paragraphs = document.text.split("\n\n")
    paragraphs[7] = paragraphs[7].replace(" ", " newly ", 1)
    text = "\n\n".join(paragraphs)
    return replace(document, text=text, sha256=hashlib.sha256(text.encode()).hexdigest())


async def _crowd(data: Path, encoder: Encoder) -> list[Row]:
    """Ask sixteen at a time while another thread rebuilds and rolls back without a pause."""
    settings = Settings(_env_file=None, data=data)
    library = open_library(settings, encoder)
    tutor = AnsweringEngine(settings, load=lambda: Library(library.generation, encoder))
    essay = list(library.generation.texts.documents)
    ended = threading.Event()
    memories: list[float] = []
    others = SentenceTransformerEncoder()

    def rebuilds() -> None:
        for number in range(_REBUILDS):
            documents = [*essay, *_notes(number % 7)]
            rebuild(settings, data, lambda _, chosen=documents: (chosen, []), lambda: others, BuildOptions(anyway=True))
            if number % 2:
                roll_back(data, at=now())
            gc.collect()
            memories.append(_resident_mb())
        ended.set()

    asked = answered = 0
    generations: set[str] = set()

    async def ask(number: int) -> None:
        nonlocal asked, answered
        while not ended.is_set():
            asked += 1
            found = await tutor.ask(f"How does the metaverse differ from the Internet, part {number}?")
            answered += bool(found.quotes)
            generations.add(found.generation)

    worker = threading.Thread(target=rebuilds)
    worker.start()
    results = await asyncio.gather(*map(ask, range(_ASKERS)), return_exceptions=True)
    worker.join()
    await tutor.close()
    failed = sum(isinstance(result, BaseException) for result in results) + asked - answered
    grown = float(np.median(memories[-_WARM_UP:]) / np.median(memories[_WARM_UP : 2 * _WARM_UP]) - 1)
    return [
        Row(
            f"{_REBUILDS} rebuilds and rollbacks under {_ASKERS} askers: failed or empty answers",
            f"{failed} of {asked:,} (from {len(generations)} generations)",
            "0",
            failed == 0,
        ),
        Row(f"memory grown over {_REBUILDS} rebuilds", f"{100 * grown:.1f} %", "< 5 %", grown < 0.05),
    ]


def _notes(number: int) -> list[Document]:
    texts = [
        f"Note {n} of {number}.\n\nThe shop opens at {n + number} and closes late in summer." for n in range(number)
    ]
    return [
        Document(f"{n}.txt", f"Note {n}", text, hashlib.sha256(text.encode()).hexdigest())
        for n, text in enumerate(texts)
    ]


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


async def _beside(documents: Sequence[Document], data: Path, encoder: Encoder) -> Row:
    """Ask one question after the other alone, and while the workshop builds 2,000 passages: the slowest of each."""
    settings = Settings(_env_file=None, data=data)
    tutor = AnsweringEngine(settings, load=lambda: open_library(settings, encoder))
    sources = data / "texts"
    sources.mkdir(parents=True)
    for document in documents:
        (sources / document.id).write_text(document.text, encoding="utf-8")
    await tutor.ask("What is the metaverse?")
    alone = await _times(tutor, lambda elapsed: elapsed < _ALONE_S)
    workshop = JobRunner(settings)
    building = asyncio.create_task(workshop.run(data, ["index", "build", str(sources), "--anyway", "--json"]))
    meanwhile = await _times(tutor, lambda _: not building.done())
    row = await building
    meanwhile += await _times(tutor, lambda elapsed: elapsed < _AFTER_S)
    await tutor.close()
    ratio = max(meanwhile) / max(alone)
    middle = float(np.median(meanwhile) / np.median(alone))
    return Row(
        f"slowest answer during a full rebuild of {row['passages']:,} passages / the slowest without",
        f"{ratio:.2f} ({1000 * max(meanwhile):.0f} / {1000 * max(alone):.0f} ms of {len(meanwhile)} / {len(alone)}; "
        f"medians {middle:.2f})",
        "<= 2",
        ratio <= 2,
    )


async def _times(tutor: AnsweringEngine, go_on):  # type: ignore[no-untyped-def]
    times: list[float] = []
    start = time.perf_counter()
    while go_on(time.perf_counter() - start):
        began = time.perf_counter()
        await tutor.ask(f"How does the metaverse differ from the Internet, try {len(times)}?")
        times.append(time.perf_counter() - began)
        await asyncio.sleep(0.02)
    return times
