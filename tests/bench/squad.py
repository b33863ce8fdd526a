"""Other people's questions to measure with: articles of SQuAD 2.0 in its official format, never part of the project."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.documents.document import read_sources
from index.generations import build as builder
from index.generations import generation as generations
from index.generations.promotion import promote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.generations.generation import Generation
    from index.models.encoder import Encoder
    from index.text.noise import Aliases

DATA = Path(os.environ.get("BENCH_DATA", "../shared/data"))
FILE = "squad2_dev_8_articles.json"
WHERE = (
    f"{FILE} is not in {DATA} (set BENCH_DATA to its folder). Any file in SQuAD 2.0's format will do: the dev set "
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
    """Read the articles, sorted by title; raises SystemExit that says where the data comes from when it is absent.

    It also says which article, paragraph and question lacks a field, or has the id of another.
    """
    path = DATA / FILE
    if not path.exists():
        raise SystemExit(WHERE)
    content = json.loads(path.read_text(encoding="utf-8"))
    if fault := _fault(content):
        raise SystemExit(f"{path.name}: {fault}. It has to be in SQuAD 2.0's format.")
    return tuple(sorted((_article(row) for row in content["data"]), key=lambda article: article.title))


def _fault(content: Any) -> str | None:
    """Name the first entry that is not of the format; None when all are."""
    ids: set[str] = set()
    titles: set[str] = set()
    for name, entry, wanted in _entries(content):
        if not isinstance(entry, dict) or (lacking := [field for field in wanted if field not in entry]):
            return f"{name} lacks {', '.join(lacking) if isinstance(entry, dict) else 'its fields'}"
        for field, taken in (("id", ids), ("title", titles)):
            if field in wanted:
                if entry[field] in taken:
                    return f"{name} has the {field} of an earlier one, {entry[field]!r}"
                taken.add(entry[field])
    return None


def _entries(content: Any) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """Give every entry with what it is called and the fields it needs, each before what is inside it."""
    yield "the file", content, ("data",)
    for number, article in enumerate(content["data"], 1):
        yield f"article {number}", article, ("title", "paragraphs")
        for place, paragraph in enumerate(article["paragraphs"], 1):
            name = f"article {article['title']!r}, paragraph {place}"
            yield name, paragraph, ("context", "qas")
            for nth, asked in enumerate(paragraph["qas"], 1):
                yield f"{name}, question {nth}", asked, ("id", "question", "answers", "is_impossible")


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
