"""Measures how files of many kinds are read: words, ends of quotes, headings and tables, as a reader would have them.

With BENCH_DATA set, also prints how many quotes of the documents there are fragments.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from pathlib import Path
from statistics import fmean

from index.documents.document import Document, read_sources
from index.text.noise import MarkKind, marks
from index.text.passages import split
from index.text.quotable import library_sentences
from tests.bench.reading_corpus import File, marked, office, pages, plain
from tests.bench.results import Row
from tests.bench.squad import DATA

_WANTED = 0.98
_ROW = re.compile(r" \| | {4,}")


@dataclass(frozen=True, slots=True)
class Score:
    """F1 of the words in sequence, of the quotes, of the headings and of the rows of tables; 1 where there are none."""

    words: float
    breaks: float
    headings: float
    tables: float

    @property
    def mean(self) -> float:
        """The mean of the four."""
        return fmean(getattr(self, field.name) for field in fields(self))


def rows() -> Iterator[Row]:
    """Read the corpus: a line for each file, and some of what is missing or wrong in it."""
    scores = []
    for file, score, faults in scored(corpus()):
        scores.append(score)
        shown = " / ".join(f"{getattr(score, field.name):.3f}" for field in fields(score))
        yield Row(f"{file.name}: words / breaks / headings / tables", shown, "", None)
        for fault in faults[:3]:
            yield Row(f"    {fault[:140]}", "")
    mean = fmean(score.mean for score in scores)
    yield Row(f"all {len(scores)} files: mean", f"{mean:.4f}", f">= {_WANTED}", mean >= _WANTED)
    yield from _real()


def corpus() -> list[File]:
    """Return all files of the corpus."""
    return [*plain.files(), *marked.files(), *office.files(), *pages.files()]


def scored(files: Sequence[File]) -> Iterator[tuple[File, Score, list[str]]]:
    """Score what is read of each file; also give what is missing and what should not be there."""
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            Path(folder, file.name).write_bytes(file.data)
        documents = {document.id: document for document in read_sources([Path(folder)])[0]}
    for file in files:
        yield file, *_scored(file.wanted, documents.get(file.name))


def _scored(wanted: str, document: Document | None) -> tuple[Score, list[str]]:
    if not wanted or document is None:
        right = float(bool(wanted) == (document is not None))
        return Score(right, right, right, right), [] if right else ["refused" if document is None else "read"]
    lines = [line for line in wanted.split("\n") if line.strip()]
    headings = [line[2:] for line in lines if line.startswith("# ")]
    table = [line[2:] for line in lines if line.startswith("| ")]
    quotes = [line for line in lines if not line.startswith(("# ", "| "))]
    got_headings, got_quotes, got_table = _seen(document)
    words = [line.removeprefix("# ").removeprefix("| ") for line in lines]
    got_words = _prose(document)
    pairs = ((headings, got_headings), (quotes, got_quotes), (table, got_table))
    faults = [f"missing: {each}" for right, got in pairs for each in (Counter(right) - Counter(got)).elements()]
    faults += [f"wrong: {each}" for right, got in pairs for each in (Counter(got) - Counter(right)).elements()]
    score = Score(
        _in_order(_words(words), _words(got_words)),
        _f1(quotes, got_quotes),
        _f1(headings, got_headings),
        _f1(table, got_table),
    )
    return score, faults


def _seen(document: Document) -> tuple[list[str], list[str], list[str]]:
    """Return the headings, the quotes and the rows of tables of a document, with white space folded."""
    found = marks(document)
    code = [(mark.start, mark.end) for mark in found if mark.kind == MarkKind.CODE]
    headings = [_folded(document.text[mark.start : mark.end]) for mark in found if mark.kind == MarkKind.HEADING]
    quotes, table = [], []
    for passage in split(document, found):
        for sentence in passage.sentences:
            text = document.text[sentence.start : sentence.end]
            is_code = any(start < sentence.end and sentence.start < end for start, end in code)
            (table if _ROW.search(text) and not is_code else quotes).append(_folded(text))
    return headings, quotes, table


def _prose(document: Document) -> list[str]:
    left_out = (MarkKind.FURNITURE, MarkKind.BLANK)
    at, parts = 0, []
    for mark in marks(document):
        if mark.kind in left_out:
            parts.append(document.text[at : mark.start])
            at = mark.end
    return [*parts, document.text[at:]]


def _folded(text: str) -> str:
    return " ".join(text.split())


def _words(lines: Sequence[str]) -> list[str]:
    return [word for line in lines for word in re.findall(r"\w+", line)]


def _in_order(wanted: Sequence[str], got: Sequence[str]) -> float:
    same = sum(block.size for block in SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks())
    return 2 * same / (len(wanted) + len(got)) if wanted or got else 1.0


def _f1(wanted: Sequence[str], got: Sequence[str]) -> float:
    return 2 * (Counter(wanted) & Counter(got)).total() / (len(wanted) + len(got)) if wanted or got else 1.0


def _real() -> Iterator[Row]:
    folder = DATA / "qa" / "documents"
    if not folder.is_dir():
        yield Row("real documents", "not measured: BENCH_DATA is not set")
        return
    documents, skipped = read_sources([folder])
    whole = total = 0
    for document in documents:
        for sentence in library_sentences([document], split(document, marks(document))):
            total += 1
            whole += sentence.is_whole
    yield Row(f"{len(documents)} real documents, {len(skipped)} skipped: quotes that are whole", f"{whole} of {total}")
