"""Measures how often the words of a question alone find the sentence, in languages that the model does not read."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import yaml

from index.answering.answer import Asked, Outcome
from index.answering.by_words import rank_by_words
from index.answering.selection import answer
from index.documents.language import language_of
from index.generations.build import build
from index.generations.generation import Generation, load
from index.text.noise import Aliases
from tests.bench.results import Row
from tests.index.fakes import FakeEncoder, document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.documents.document import Document

_FILE = Path(__file__).with_suffix(".yaml")
_ENGLISH = (
    "Ferries cross the river every day. The captain sells the tickets. A baker starts work at two in the morning."
)
Asks: TypeAlias = "list[list[str]]"


def rows() -> Iterator[Row]:
    """Ask each small library, stemmed by its language and as English, and all of them together."""
    libraries = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    everything: list[Document] = [_document(_ENGLISH, "en.txt")]
    everything += [each for code, library in libraries.items() for each in _documents(code, library["documents"])]
    asked = {code: library["questions"] for code, library in libraries.items()}
    with tempfile.TemporaryDirectory() as folder:
        mixed = _built(Path(folder) / "mixed", everything)
        for code, library in libraries.items():
            documents = _documents(code, library["documents"])
            wrong = [each.language for each in documents if each.language != code]
            plain = _built(Path(folder) / f"{code}-plain", [replace(each, language="") for each in documents])
            own = _built(Path(folder) / code, documents)
            yield Row(
                f"{code}: hit@1 of {len(asked[code])} questions as English / by language / among all languages",
                " / ".join(f"{_hits(each, asked[code]):.2f}" for each in (plain, own, mixed)),
            )
            yield Row(f"{code}: documents told as another language", ", ".join(wrong) or "none", "none", not wrong)
        said = [found for code in asked for found in _outcomes(mixed, asked[code])]
    answers = said.count(Outcome.ANSWER)
    yield Row("all languages: quotes called `answer`", f"{answers} of {len(said)}", "0", not answers)


def _document(text: str, name: str) -> Document:
    return replace(document(text, name), language=language_of(text))


def _documents(code: str, texts: Sequence[str]) -> list[Document]:
    return [_document(text, f"{code}-{number}.txt") for number, text in enumerate(texts)]


def _encoder() -> FakeEncoder:
    """Stand in for a model of English: what is measured here asks no vectors."""
    encoder = FakeEncoder()
    encoder.languages = frozenset(["en"])
    return encoder


def _built(data: Path, documents: Sequence[Document]) -> Generation:
    data.mkdir()
    report = build(documents, data=data, encoder=_encoder(), aliases=Aliases({}), built_at="2026-01-01T00:00:00")
    return load(data, report.generation)


def _hits(generation: Generation, asked: Asks) -> float:
    return sum(words in _first(generation, question) for question, words in asked) / len(asked)


def _first(generation: Generation, question: str) -> str:
    found = rank_by_words(generation, question)
    return "" if found is None else " ".join(generation.sentence(int(found[0].sentences[0])).text.split())


def _outcomes(generation: Generation, asked: Asks) -> list[Outcome]:
    return [each.outcome for each in answer(generation, _encoder(), [Asked(question) for question, _ in asked])]
