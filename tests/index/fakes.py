"""A tiny deterministic stand-in for the model, and short ways to make documents and libraries with it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.documents.document import Document
from index.generations.build import Report, build
from index.generations.generation import Generation, load
from index.generations.promotion import promote
from index.models.cross_encoder import CrossEncoder, Pair
from index.models.encoder import Encoder, InContext
from index.text.noise import Aliases
from index.text.tokens import TOKEN
from index.text.words import stem

CLAY = """The potter's book

Clay remembers the hand that shaped it. Glass forgets the fire at once. Both of them break when they fall.

A kiln in Jingdezhen burned for nine days in 1712. The potters fed it with pine because pine burns evenly.

Iron is patient under the hammer. Iron rusts where water stays on it for long."""
SEA = """A sailor's book

The tide turns twice a day in this harbour. A captain who ignores the tide loses the ship.

Salt keeps meat for months at sea. Fresh water spoils in wooden barrels after six weeks."""


class FakeEncoder:
    """Adds up a random direction for each word, whatever its inflection: texts that share words are near.

    `encoded` keeps what was asked.
    """

    def __init__(self, name: str = "fake", dimension: int = 32) -> None:
        self.name = name
        self.fingerprint = f"sha-of-{name}"
        self.dimension = dimension
        self.languages: frozenset[str] = frozenset()
        self.cross_encoder: CrossEncoder | None = None
        self.encoded: list[str] = []
        self.asked: list[list[str]] = []

    def encode_documents(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        self.encoded += texts
        if progress is not None:
            for _ in texts:
                progress(1)
        return self._rows(texts)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append(list(texts))
        return self._rows(texts)

    def encode_in_context(
        self, texts: Sequence[str], *, asked: bool = False, progress: Callable[[int], None] | None = None
    ) -> list[InContext]:
        rows = self.encode_queries(texts) if asked else self.encode_documents(texts, progress)
        return [InContext(row, self._rows(TOKEN.findall(text))) for row, text in zip(rows, texts, strict=True)]

    def encode_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        return self._rows(words)

    def _rows(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row += 0.1 * _direction(self.name, "", self.dimension)
            for word in re.findall(r"\w+", text.lower()):
                row += _direction(self.name, stem(word), self.dimension)
            row /= np.linalg.norm(row)
        return rows


@lru_cache(maxsize=100_000)
def _direction(model: str, word: str, dimension: int) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.sha256(f"{model} {word}".encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)


def document(text: str, id: str = "a.txt") -> Document:
    return Document(id=id, title=id, text=text, sha256=hashlib.sha256(text.encode()).hexdigest())


def build_texts(
    data: Path,
    *texts: str,
    encoder: Encoder | None = None,
    aliases: Mapping[str, str] | None = None,
    built_at: str = "2026-01-01T00:00:00+00:00",
) -> Report:
    """Build a library of these texts, named a.txt, b.txt and so on, and make it the live one."""
    documents = [document(text, f"{chr(ord('a') + number)}.txt") for number, text in enumerate(texts)]
    data.mkdir(parents=True, exist_ok=True)
    report = build(
        documents, data=data, encoder=encoder or FakeEncoder(), aliases=Aliases(aliases or {}), built_at=built_at
    )
    promote(data, report.generation, at=built_at)
    return report


def library(
    data: Path, *texts: str, encoder: Encoder | None = None, aliases: Mapping[str, str] | None = None
) -> Generation:
    return load(data, build_texts(data, *texts, encoder=encoder, aliases=aliases).generation)


def hashes(folder: Path) -> dict[str, str]:
    """Hash every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class FondReranker:
    """A model that likes texts which end with these words, and keeps what it was given to read."""

    def __init__(self, end: str, by: float = 100.0) -> None:
        self._end, self._by = end, by
        self.read: list[str] = []

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        self.read += texts
        return np.array([self._by if text.endswith(self._end) else -1.0 for text in texts], np.float32)


class FondCrossEncoder:
    """A cross-encoder that likes pieces which hold these words, and keeps what it was given to read."""

    def __init__(self, words: str, by: float = 6.0) -> None:
        self._words, self._by = words, by
        self.pairs: list[Pair] = []

    def log_odds(self, pairs: Sequence[Pair]) -> list[NDArray[np.float32]]:
        self.pairs += pairs
        return [
            np.array([self._by if self._words in each.text[a:b] else -1.0 for a, b in each.pieces], np.float32)
            for each in pairs
        ]
