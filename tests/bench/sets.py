"""Question sets of several domains to measure and to fit on; other people's data, never part of the project."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from index.documents.document import read_sources
from index.generations import build as builder
from index.generations import generation as generations
from index.generations.promotion import promote
from index.text.noise import Aliases
from tests.bench import squad

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from index.generations.generation import Generation
    from index.models.encoder import Encoder

BUILT_AT = "2026-01-01T00:00:00+00:00"
SQUAD = "squad"
# Whole documents with questions, each set of another domain: what `tests.bench domains` measures.
KINDS = {
    "papers": "Apache-2.0",
    "forum": "CC BY 4.0",
    "manuals": "Apache-2.0",
    "faq": "CC BY 4.0",
    "health": "CC BY 4.0",
}
# Passages with questions whose licences allow weights that ship.
PASSAGES = {
    "squad2-other-articles": "CC BY-SA 4.0",
    "squadshifts-new-wiki": "CC BY 4.0",
    "squadshifts-amazon-reviews": "CC BY 4.0",
    "molweni-test": "Apache-2.0",
    "qasper-dev-evidence": "CC BY 4.0",
    "onestopqa": "CC BY-SA 4.0",
    "clapnq-dev": "Apache-2.0",
    "ace-whqa": "CC BY-SA 3.0",
}
_GOLD_SENTENCES = ("sentences", "sentence")  # fields that hold whole sentences, which say more than the answer's words


class Place(Protocol):
    """A piece of a document: a passage, a quote or a gold text."""

    @property
    def document(self) -> str:
        """Name the document."""

    @property
    def start(self) -> int:
        """Return its first code point."""

    @property
    def end(self) -> int:
        """Return the code point after its last one."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a document, in code points."""

    document: str
    start: int
    end: int

    def meets(self, document: str, start: int, end: int) -> bool:
        """Return whether half of the shorter of two pieces lies in the other."""
        shared = min(self.end, end) - max(self.start, start)
        return self.document == document and 2 * shared >= min(self.end - self.start, end - start) > 0


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the places that answer it, any of which counts; none where the library does not answer."""

    text: str
    gold: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Documents by file name, and questions about them; `name` is that of its file."""

    name: str
    documents: Mapping[str, str]
    questions: tuple[Question, ...]


def read(name: str) -> QuestionSet | None:
    """Read a set by its name; None where its file is not in the folder of data."""
    if name == SQUAD:
        return _squad() if (squad.DATA / squad.FILE).exists() else None
    whole, passages = squad.DATA / "qa" / "kinds" / f"{name}.json", squad.DATA / "qa" / f"{name}.jsonl.gz"
    if whole.exists():
        return _whole(name, json.loads(whole.read_text(encoding="utf-8")))
    if not passages.exists():
        return None
    with gzip.open(passages, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return _of_passages(name, [row for row in rows if row.get("level") in (None, "advanced")])


def library(found: QuestionSet, folder: Path, encoder: Encoder) -> Generation:
    """Index the documents of a set, in a folder that may serve again."""
    texts = folder / "texts"
    texts.mkdir(parents=True, exist_ok=True)
    for name, text in found.documents.items():
        (texts / name).write_text(text, encoding="utf-8", newline="")
    documents, _ = read_sources([texts])
    report = builder.build(documents, data=folder, encoder=encoder, aliases=Aliases({}), built_at=BUILT_AT)
    promote(folder, report.generation, at=BUILT_AT)
    return generations.load(folder, report.generation)


def _squad() -> QuestionSet:
    articles = squad.read()
    rows = [
        {"document": a.title, "passage": q.paragraph, "question": q.text, "answers": q.answers}
        for a in articles
        for q in a.questions
    ]
    return _of_passages(SQUAD, rows)


def _whole(name: str, content: Any) -> QuestionSet:
    questions = (
        Question(row["q"], tuple(Span(gold["document"], gold["start"], gold["end"]) for gold in row["gold"]))
        for row in content["questions"]
    )
    return QuestionSet(name, content["documents"], tuple(questions))


def _of_passages(name: str, rows: Sequence[Mapping[str, Any]]) -> QuestionSet:
    """Make one document of the passages that name the same one; questions without a gold place found are left out."""
    passages: dict[str, dict[str, None]] = {}
    for row in rows:
        passages.setdefault(row["document"], {})[row["passage"]] = None
    files = {document: f"{number:04}.txt" for number, document in enumerate(passages)}
    texts = {files[document]: "\n\n".join(own) for document, own in passages.items()}
    starts = {(document, passage): start for document, own in passages.items() for passage, start in _starts([*own])}
    questions = []
    for row in rows:
        file, start = files[row["document"]], starts[row["document"], row["passage"]]
        gold = tuple(Span(file, start + first, start + last) for first, last in _places(row))
        if gold or not row["answers"]:
            questions.append(Question(row["question"].strip(), gold))
    return QuestionSet(name, texts, tuple(questions))


def _starts(passages: Sequence[str]) -> Iterator[tuple[str, int]]:
    at = 0
    for passage in passages:
        yield passage, at
        at += len(passage) + 2


def _places(row: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """Yield where the gold texts stand in the passage, as whole words."""
    if not row["answers"]:
        return
    wanted = next((row[field] for field in _GOLD_SENTENCES if row.get(field)), row["answers"])
    for text in [wanted] if isinstance(wanted, str) else wanted:
        for found in re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", row["passage"], re.IGNORECASE):
            yield found.span()
