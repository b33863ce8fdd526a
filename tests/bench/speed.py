"""Measures time, always as a ratio of two things done in turn in the same run."""

from __future__ import annotations

import asyncio
import hashlib
import time
import zlib
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.answering.engine import AnsweringEngine
from bot.libraries.opening import Library
from bot.settings import Settings
from index.answering.answer import Asked
from index.answering.selection import answer
from index.documents.document import Document
from index.generations import build as builder
from index.generations import generation as generations
from index.generations.manifest import live
from index.generations.promotion import promote
from index.models import backend, openvino_runtime
from index.models.encoder import InContext, SentenceTransformerEncoder
from index.models.registry import DEFAULT_MODEL, Backend
from index.text.noise import Aliases
from index.text.quotable import library_sentences
from index.text.tokens import TOKEN
from tests.bench import squad
from tests.bench.quality import folder
from tests.bench.results import Row, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from index.generations.generation import Generation
    from index.models.encoder import Encoder
    from tests.bench.results import Found

_PASSAGES = 10_000
_SENTENCES = 5  # in each passage
_LONGEST = 1100  # code points of a passage, so that none is parted
_IN_A_DOCUMENT = 100
_NOISE = 0.5  # length of what is added to a real unit vector
_TAIL = 20  # code points by which a made-up sentence's vector is found
_WARM_UP = 10
_SINGLE = 120
_TOGETHER = 32
_ROUNDS = 5
_TICK_S = 0.001
_ASKERS = (1, 2, 4, 8, 16, 32, 64)
_EACH = 12  # questions of each, at least four times as many for a few


class Perturbing:
    """The real model, but documents get copies of real sentences' vectors with noise, so that many cost nothing."""

    def __init__(self, encoder: Encoder, generation: Generation) -> None:
        """Take the model, and the library whose sentences' vectors are copied."""
        self._encoder = encoder
        self._vectors = generation.sentence_vectors.vectors
        self._row = {text[-_TAIL:]: row for row, text in enumerate(sentences(generation))}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Give each text the vector of the real sentence that it ends like, with noise."""
        rng = np.random.default_rng(0)
        count = len(self._vectors)
        rows = self._vectors[[self._row.get(text[-_TAIL:], zlib.crc32(text.encode()) % count) for text in texts]]
        noise = rng.standard_normal(rows.shape, np.float32) / np.sqrt(rows.shape[1])
        rows = rows + _NOISE * noise
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def encode_in_context(
        self, texts: Sequence[str], *, asked: bool = False, progress: Callable[[int], None] | None = None
    ) -> list[InContext]:
        """Give each word of a text a random unit vector of its own."""
        if asked:
            return self._encoder.encode_in_context(texts, asked=True)
        rng = np.random.default_rng(1)
        read = []
        for text, row in zip(texts, self.encode_documents(texts, progress), strict=True):
            words = rng.standard_normal((len(TOKEN.findall(text)), len(row)), np.float32)
            read.append(InContext(row, words / np.linalg.norm(words, axis=1, keepdims=True)))
        return read


def rows() -> Iterator[Found]:
    """Measure everything about speed on the articles and on a made-up library of 10,000 passages."""
    encoder = SentenceTransformerEncoder()
    try:
        generation, asked = large(encoder)
    except SystemExit as absent:
        yield Row("speed", str(absent))
        return
    yield from _single(generation, encoder, encoder, asked, "torch", 1.3)
    encoders: dict[str, Encoder] = {"torch": encoder}
    if openvino_runtime.is_installed():
        fast = encoders["OpenVINO"] = backend.load(DEFAULT_MODEL, folder(), Backend.OPENVINO, say=print)
        yield from _single(generation, fast, encoder, asked, "OpenVINO", 0.6)
    small = generations.load(folder() / "squad", live(folder() / "squad") or "")
    yield from _single(small, encoder, encoder, asked, "torch", None)
    for each, data in ((small, "squad"), (generation, "large")):
        # A tutor follows what is live in its data folder: it must be the folder of what is measured.
        yield from asyncio.run(_crowd(Library(each, encoder), folder() / data, asked))
    yield asyncio.run(_throughput(generation, encoders, asked))


def large(encoder: Encoder | None = None) -> tuple[Generation, list[str]]:
    """Give the library of 10,000 passages, and questions about it; raises SystemExit where their data is absent."""
    articles = squad.read()
    encoder = encoder or SentenceTransformerEncoder()
    small = squad.library(articles, folder() / "squad", encoder, Aliases({}))
    asked = [question.text for article in articles for question in article.questions if question.answers]
    np.random.default_rng(0).shuffle(asked)
    return perturbed(small, encoder, folder() / "large"), asked


def _single(
    generation: Generation,
    encoder: Encoder,
    torch: SentenceTransformerEncoder,
    questions: Sequence[str],
    on: str,
    wanted: float | None,
) -> Iterator[Row]:
    """Time whole answers and bare encodings of the same questions in turn: the ratios of medians and of means.

    The mean tells what the questions cost that a cross-encoder reads.
    """
    model = torch.sentence_transformer
    whole, bare = [], []
    for question in questions[:_SINGLE]:
        whole.append(_seconds(lambda question=question: answer(generation, encoder, [Asked(question)])))
        bare.append(_seconds(lambda question=question: model.encode(question)))
    what = f"ask at {_size(generation)}, {on} / bare encode on torch"
    for name, of, limit in (("medians", np.median, wanted), ("means", np.mean, None)):
        ask, encode = (float(of(times[_WARM_UP:])) for times in (whole, bare))
        yield Row(
            f"{what}, {name}",
            f"{ask / encode:.2f} ({1000 * ask:.1f} / {1000 * encode:.1f} ms)",
            "" if limit is None else f"<= {limit}",
            None if limit is None else ask / encode <= limit,
        )


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


async def _crowd(library: Library, data: Path, asked: Sequence[str]) -> list[Row]:
    """Have 32 people ask one after the other and 32 others at once, in turn; watch the event loop meanwhile.

    They ask different questions, as what was found for one question may be kept for the next.
    """
    tutor = AnsweringEngine(Settings(_env_file=None, data=data), load=lambda: library)
    ratios: list[float] = []
    late: list[float] = []
    for found in await asyncio.gather(*map(tutor.ask, asked[:_TOGETHER])):
        if found.generation != library.generation.id:
            raise RuntimeError("The tutor answers from another library than the one that is measured.")
    for number in range(1, 2 * _ROUNDS, 2):
        questions = asked[_TOGETHER * number : _TOGETHER * (number + 2)]
        alone, together = questions[::2], questions[1::2]
        began = time.perf_counter()
        for question in alone:
            await tutor.ask(question)
        in_turn = time.perf_counter() - began
        watch = asyncio.create_task(_watch(late))
        began = time.perf_counter()
        await asyncio.gather(*map(tutor.ask, together))
        ratios.append(in_turn / (time.perf_counter() - began))
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
    await tutor.close()
    ratio, stall = float(np.median(ratios)), 1000 * float(np.percentile(late, 99))
    size = _size(library.generation)
    return [
        Row(f"32 at once / one after the other, {size}", f"{ratio:.2f} times the throughput", ">= 3", ratio >= 3),
        Row(
            f"event loop late meanwhile, {size}, 99th percentile",
            f"{stall:.1f} ms (most: {1000 * max(late):.1f}, of {len(late)})",
            "< 20 ms",
            stall < 20,
        ),
    ]


async def _throughput(generation: Generation, encoders: dict[str, Encoder], asked: Sequence[str]) -> Series:
    """Have so many people ask again and again: answers a second, against one person on torch."""
    per_second: dict[str, list[float]] = {name: [] for name in encoders}
    for name, encoder in encoders.items():
        settings, library = Settings(_env_file=None, data=folder() / "large"), Library(generation, encoder)
        tutor = AnsweringEngine(settings, load=lambda library=library: library)
        tutor.start()
        await tutor.ask("Is anybody there?")
        for askers in _ASKERS:
            questions = iter(asked[: _EACH * max(askers, 4)])

            async def ask_on(questions: Iterator[str] = questions, tutor: AnsweringEngine = tutor) -> int:
                return len([await tutor.ask(question) for question in questions])

            began = time.perf_counter()
            answers = sum(await asyncio.gather(*(ask_on() for _ in range(askers))))
            per_second[name].append(answers / (time.perf_counter() - began))
        await tutor.close()
    alone = per_second["torch"][0]
    return Series(
        "throughput",
        {
            "askers": [*_ASKERS],
            **{name: [round(each / alone, 2) for each in found] for name, found in per_second.items()},
        },
    )


async def _watch(late: list[float]) -> None:
    """Sleep for a millisecond again and again and note how many seconds too late each sleep ends."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(_TICK_S)
        late.append(time.perf_counter() - began - _TICK_S)


def perturbed(real: Generation, encoder: Encoder, data: Path, passages: int = _PASSAGES) -> Generation:
    """Make a library of so many passages out of halves of real sentences, or open the one made before."""
    name = live(data)
    if name is None:
        documents = made_up(list(sentences(real)), passages)
        made = partial(builder.build, built_at="2026-01-01T00:00:00+00:00", aliases=Aliases({}))
        name = made(documents, data=data, encoder=Perturbing(encoder, real)).generation
        promote(data, name, at="2026-01-01T00:00:00+00:00")
    return generations.load(data, name)


def sentences(generation: Generation) -> Iterator[str]:
    return (each.text for each in library_sentences(generation.texts.documents, generation.texts.passages))


def made_up(real: Sequence[str], passages: int) -> list[Document]:
    """Make documents of 100 passages each out of halves of real sentences."""
    rng = np.random.default_rng(0)
    made = []
    real = [text for text in real if text.endswith(".") and len(text.split()) > 6 and len(text) < 400]
    for number in range(passages // _IN_A_DOCUMENT):
        paragraphs: list[str] = []
        while len(paragraphs) < _IN_A_DOCUMENT:
            drawn = rng.integers(len(real), size=(_SENTENCES, 2))
            paragraph = " ".join(_spliced(real[first], real[second]) for first, second in drawn)
            if len(paragraph) <= _LONGEST:
                paragraphs.append(paragraph)
        text = "\n\n".join(paragraphs)
        made.append(Document(f"{number:03}.txt", f"Made up {number}", text, hashlib.sha256(text.encode()).hexdigest()))
    return made


def _spliced(first: str, second: str) -> str:
    """Join the first half of one sentence's words and the second half of another's."""
    head, tail = first.split(), second.split()
    return " ".join([*head[: len(head) // 2], *tail[len(tail) // 2 :]])


def _size(generation: Generation) -> str:
    made_up = " (perturbed vectors)" if len(generation.passages) >= _PASSAGES else ""
    return f"{len(generation.passages):,} passages{made_up}"
