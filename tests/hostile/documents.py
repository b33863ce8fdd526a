"""Reads hostile files into a library, and looks at what it then says and shows."""

from __future__ import annotations

import hashlib
import os
import random
import tempfile
import time
import warnings
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.libraries import source_text
from bot.ui.answer import AnswerDetails, answer_view
from bot.ui.source import context_view, verification_view
from index.answering.answer import Answer, Asked, Outcome
from index.answering.selection import answer
from index.documents import sandbox_child
from index.documents.document import Document, read_sources
from index.documents.formats.kinds import Kind
from index.documents.formats.reading import Reading
from index.documents.sandbox import TEXT_LIMIT_CHARACTERS, Sandbox
from index.errors import SourceError
from index.generations.build import build
from index.generations.generation import Generation, load
from index.generations.promotion import promote
from index.text.noise import Aliases, Mark, marks, marks_within
from index.text.passages import search_text, split
from tests.hostile.files import Made, bombs, hostile_file, hostile_package, sound
from tests.hostile.layouts import look
from tests.hostile.tally import Tally, shown
from tests.hostile.texts import QUESTIONS, hostile_text
from tests.index.fakes import FakeEncoder

_IN_A_LIBRARY = 100
_ASKED = 20
_LOOKED_UP = 60
_BOMB_S = 5.0
_AT = "2026-01-01T00:00:00+00:00"


def run(count: int, seed: int) -> Tally:
    """Read so many text, Markdown and HTML files in this process, and ask the libraries made of them."""
    rng = random.Random(seed)
    with patch("index.documents.document.Sandbox", _InProcess):
        return _read(
            Tally(), "files read in this process", [hostile_file(rng) for _ in range(count)], time.process_time
        )


def run_packages(count: int, seed: int) -> Tally:
    """Read so many PDF, Word and zip files by the child process that reads them for the bot."""
    rng, tally = random.Random(seed), Tally()
    with _Kept() as kept, patch("index.documents.document.Sandbox", lambda: kept):
        _read(Tally(), "", sound(), kept.cpu_s)  # the parsers are imported when they are first needed
        _read(tally, "packages read in the child process", [hostile_package(rng) for _ in range(count)], kept.cpu_s)
    return tally


def run_bombs(count: int, seed: int) -> Tally:
    """Read small files that want minutes or gigabytes, by a child process that is given some seconds."""
    with patch("index.documents.sandbox.TIME_LIMIT_S", _BOMB_S):
        return _read(Tally(), "bombs", bombs()[:count], time.process_time, limit_s=2 * _BOMB_S)


class _InProcess:
    """Reads as the child process does, here: what its parsers raise is a damaged file there too."""

    def __enter__(self) -> _InProcess:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def read(self, data: bytes, kind: Kind, name: str, most_characters: int = TEXT_LIMIT_CHARACTERS) -> Reading:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return sandbox_child._checked(sandbox_child.read(data, kind, name), name, most_characters)
            except SourceError:
                raise
            except Exception as error:
                raise SourceError(f"{name} is damaged ({type(error).__name__}).") from error


class _Kept(Sandbox):
    """One child process for many readings, and what it takes of the processor."""

    _entered = 0
    _spent_s = 0.0

    def __enter__(self) -> _Kept:
        self._entered += 1
        return self

    def __exit__(self, *raised: Any) -> None:
        self._entered -= 1
        if not self._entered:
            super().__exit__(*raised)

    def _end(self, kind: str) -> None:
        self._spent_s += _cpu_s(self._children[kind].pid)
        super()._end(kind)

    def cpu_s(self) -> float:
        """Give the time of this process and of the children so far."""
        return time.process_time() + self._spent_s + sum(_cpu_s(child.pid) for child in self._children.values())


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").split()
    except OSError:
        return 0.0
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def _read(tally: Tally, kind: str, files: Sequence[Made], clock: Callable[[], float], limit_s: float = 1.0) -> Tally:
    found: list[Document] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, data) in enumerate(files):
            found += _one(tally, kind, Path(folder), (name, data), clock, limit_s)
            if number % _IN_A_LIBRARY == _IN_A_LIBRARY - 1:
                _ask(tally, found, number)
                found = []
    _ask(tally, found, 0)
    return tally


def _one(
    tally: Tally, kind: str, folder: Path, file: Made, clock: Callable[[], float], limit_s: float
) -> list[Document]:
    """Read one file, take its documents apart, and hold the parts against the whole."""
    name, data = file
    path = folder / (name.replace("/", "_") or "a.txt")
    what = (name, len(data), data[:100])
    tally.count(kind)
    began, documents = clock(), []
    try:
        path.write_bytes(data)
        documents, skipped = read_sources([path])
        tally.refused += len(skipped)
        for document in documents:
            _parted(tally, document)
    except Exception as error:
        tally.crashed(error, what)
    finally:
        path.unlink(missing_ok=True)
    tally.took(clock() - began, what, limit_s)
    return [document for document in documents if len(document.text) < 10**5]


def _parted(tally: Tally, document: Document) -> None:
    """Part a document and note where the parts are not the whole, or a sentence is none."""
    text, found = document.text, marks(document)
    passages = split(document, found)
    spans = [(passage.start, passage.end) for passage in passages]
    starts = [start for start, _ in spans]
    outside = [
        (mark.start, mark.end) for mark in found if not _is_inside(mark, spans, bisect_right(starts, mark.start))
    ]
    at = 0
    for start, end in sorted([*spans, *outside]):
        if start != at:
            tally.altered.append(f"{at} to {start} is lost or doubled in {shown(text)}")
            return
        at = end
    if at != len(text):
        tally.altered.append(f"{at} to the end is lost of {shown(text)}")
    for passage in passages:
        search_text(text[passage.start : passage.end], marks_within(found, passage.start, passage.end))
        for sentence in passage.sentences:
            said = text[sentence.start : sentence.end]
            if not passage.start <= sentence.start < sentence.end <= passage.end or said != said.strip():
                tally.altered.append(f"{shown(said)} is no sentence of its passage")


def _is_inside(mark: Mark, spans: Sequence[tuple[int, int]], after: int) -> bool:
    return after > 0 and mark.end <= spans[after - 1][1]


def _ask(tally: Tally, documents: Sequence[Document], seed: int) -> None:
    """Build a library of the documents, ask it, and look at each layout that shows what it says."""
    if not documents:
        return
    unique = {document.id + str(number): document for number, document in enumerate(documents)}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        try:
            generation = _built(data, unique)
            rng = random.Random(seed)
            asked = [hostile_text(rng, 300) for _ in range(_ASKED)] + [*QUESTIONS]
            asked += [document.text[:60] for document in documents[:30]]
            for found in answer(generation, FakeEncoder(), [Asked(text) for text in asked]):
                _look(tally, generation, found)
            _look_up(tally, data, generation, rng)
        except Exception as error:
            tally.crashed(error, ("a library of", len(documents), [d.text[:50] for d in documents[:5]]))


def _built(data: Path, documents: dict[str, Document]) -> Generation:
    named = [replace(document, id=id) for id, document in documents.items()]
    report = build(named, data=data, encoder=FakeEncoder(), aliases=Aliases({}), built_at=_AT)
    promote(data, report.generation, at=_AT)
    return load(data, report.generation)


def _look(tally: Tally, generation: Generation, found: Answer) -> None:
    quotes = (*found.quotes, *found.more)
    sources = {document.id: document for document in generation.texts.documents}
    for quote in quotes:
        if quote.text != sources[quote.document].text[quote.start : quote.end]:
            tally.altered.append(f"{shown(quote.text)} is not {quote.document}[{quote.start}:{quote.end}]")
    titles = [document.title for document in sources.values()]
    for outcome in Outcome:
        look(
            tally,
            answer_view(replace(found, outcome=outcome), titles, AnswerDetails(show_question=True)),
            found.question,
            quotes,
        )


def _look_up(tally: Tally, data: Path, generation: Generation, rng: random.Random) -> None:
    """Show some sentences in their paragraphs and verify them, as the buttons under a quote do."""
    every = [(passage.document, sentence) for passage in generation.passages for sentence in passage.sentences]
    for document, sentence in rng.sample(every, min(len(every), _LOOKED_UP)):
        place = source_text.Place(generation.id, document, sentence.start, sentence.end)
        context = source_text.context(data, place)
        look(tally, context_view(context), place)
        said = context.text[context.quote_start : context.quote_end]
        check = source_text.verify(data, place, hashlib.sha256(said.encode()).hexdigest())
        look(tally, verification_view([check]), place)
        if not check.matches:
            tally.altered.append(f"{shown(said)} is not what is stored")
