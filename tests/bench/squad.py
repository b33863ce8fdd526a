"""Other people's questions to measure with: articles of SQuAD 2.0 in its official format, never part of the project."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index import build as builder
from index import generation as generations
from index.documents import read_sources
from index.promotion import promote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.cleaning import Aliases
    from index.encoder import Encoder
    from index.generation import Generation

DATA = Path(os.environ.get("BENCH_DATA", "../shared/data"))
_FILE = "squad2_dev_8_articles.json"
WHERE = (
    f"{_FILE} is not in {DATA} (set BENCH_DATA to its folder). Any file in SQuAD 2.0's format will do: the dev set "
    "is published at https://rajpurkar.github.io/SQuAD-explorer/ under CC BY-SA 4.0; keep 8 of its articles."
)


@dataclass(frozen=True, slots=True)
class Question:
    """One question of an article: its gold paragraph and the answers people marked; none when unanswerable."""

    text: str
    article: str
    paragraph: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Article:
    """One article: its title, its paragraphs in order and the questions asked of them."""

    title: str
    paragraphs: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def document(self) -> str:
        """Name the file it becomes."""
        return f"{self.title}.txt"

    @property
    def text(self) -> str:
        """Give what stands in that file."""
        return "\n\n".join(self.paragraphs)


def read() -> tuple[Article, ...]:
    """Read the articles, sorted by title; raises SystemExit that says where the data comes from when it is absent."""
    path = DATA / _FILE
    if not path.exists():
        raise SystemExit(WHERE)
    rows = json.loads(path.read_text(encoding="utf-8"))["data"]
    return tuple(sorted((_article(row) for row in rows), key=lambda article: article.title))


def _article(row: dict) -> Article:  # type: ignore[type-arg]
    questions = tuple(
        Question(
            text=asked["question"].strip(),
            article=row["title"],
            paragraph=paragraph["context"],
            answers=tuple(dict.fromkeys(answer["text"] for answer in asked["answers"]))
            if not asked["is_impossible"]
            else (),
        )
        for paragraph in row["paragraphs"]
        for asked in paragraph["qas"]
    )
    return Article(row["title"], tuple(p["context"] for p in row["paragraphs"]), questions)


def library(articles: Sequence[Article], folder: Path, encoder: Encoder, aliases: Aliases) -> Generation:
    """Index articles, one text file each with blank lines between paragraphs, in a folder that may serve again."""
    name = hashlib.sha256("\n".join(article.title for article in articles).encode()).hexdigest()[:12]
    texts = folder / "texts" / name  # a folder for each choice: what is read is all that lies in it
    texts.mkdir(parents=True, exist_ok=True)
    for article in articles:
        (texts / article.document).write_text(article.text, encoding="utf-8", newline="")
    documents, _ = read_sources([texts])
    report = builder.build(
        documents, data=folder, encoder=encoder, aliases=aliases, built_at="2026-01-01T00:00:00+00:00"
    )
    promote(folder, report.generation, at="2026-01-01T00:00:00+00:00")
    return generations.load(folder, report.generation)
