"""Measures how much of the text of PDFs is read right, of those that several programs make, and how fast."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from pypdf import PdfReader

from index.documents.document import read_sources
from index.documents.formats.pdf import read as read_pdf
from tests.bench.results import Row
from tests.bench.squad import DATA
from tests.index.documents.formats.pdf_corpus import drawn, printed, styles
from tests.index.documents.formats.pdf_corpus.documents import ENGLISH, Document, generated, html
from tests.index.documents.formats.pdf_corpus.scoring import Score, scored

_WANTED = Score(words=0.995, breaks=0.95, headings=0.9)
_PAGES = 1000
_COMPARED_PAGES = 100
_SHARE = 1 / 3
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"])")
# Those that LaTeX and a font with 256 letters can show.
_PLAIN = re.compile(r"[\w ,.;:?!'’“”()/-]{20,240}[.?!]", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Made:
    program: str
    document: Document
    data: bytes
    numbered: bool = False


def rows() -> Iterator[Row]:
    """Read PDFs of styles that the reader was made with and of ones that it was not, and time it."""
    texts = _texts()
    made: list[_Made] = []
    for name, is_seen in (("styles seen", True), ("styles not seen", False)):
        corpus = [each for program in (_chromium, _office, _latex, _drawn) for each in program(texts, is_seen)]
        yield from _rows(name, corpus)
        made += corpus
    yield from _speed([each.data for each in made])


def _rows(name: str, corpus: Sequence[_Made]) -> Iterator[Row]:
    scores = [
        (each.program, scored(each.document, read_pdf(each.data, "a.pdf"), numbered=each.numbered)) for each in corpus
    ]
    programs = dict.fromkeys(program for program, _ in scores)
    for program in programs:
        found = _mean([score for of, score in scores if of == program])
        yield Row(f"{name}: {program}: words / breaks / headings", _shown(found))
    for missing in {"LibreOffice", "LaTeX"} - programs.keys():
        yield Row(f"{name}: {missing}", "not measured: it is not installed")
    all_of = _mean([score for _, score in scores])
    met = all_of.words >= _WANTED.words and all_of.breaks >= _WANTED.breaks and all_of.headings >= _WANTED.headings
    yield Row(f"{name}: all {len(scores)} PDFs: words / breaks / headings", _shown(all_of), _shown(_WANTED), met)


def _mean(scores: Sequence[Score]) -> Score:
    return Score(
        fmean(score.words for score in scores),
        fmean(score.breaks for score in scores),
        fmean(score.headings for score in scores),
    )


def _shown(score: Score) -> str:
    return f"{score.words:.4f} / {score.breaks:.3f} / {score.headings:.3f}"


def _texts() -> list[list[str]]:
    """Give the sentences of other people's documents, each document's apart; without them, our own."""
    found = []
    folder = DATA / "qa" / "documents"
    files = [path for path in sorted(folder.glob("*")) if path.suffix in (".txt", ".html", ".md")]
    for source in read_sources(files)[0] if files else ():
        lines = " ".join(source.text.split())
        sentences = [each for each in _SENTENCE.split(lines) if _PLAIN.fullmatch(each)]
        if len(sentences) >= len(ENGLISH):
            found.append(sentences)
    return found or [list(ENGLISH)]


def _documents(texts: Sequence[Sequence[str]], first: int, count: int) -> list[Document]:
    return [generated(first + number, sentences=texts[(first + number) % len(texts)]) for number in range(count)]


def _chromium(texts: Sequence[Sequence[str]], is_seen: bool) -> Iterator[_Made]:
    for number, css in enumerate((styles.SEEN if is_seen else styles.UNSEEN).values()):
        documents = [
            *_documents(texts, 10 * number + (0 if is_seen else 500), 2),
            generated(number + (0 if is_seen else 50), language="de"),
        ]
        pages = {each.name: html(each, css, hyphenated=number % 3 == 2) for each in documents}
        made = printed.chromium(pages, heads=number % 2 == 1, tagged=number % 2 == 0)
        yield from (_Made("Chromium", each, made[each.name]) for each in documents)
    for language in ("he", "ar"):
        document = generated(1 if is_seen else 51, language=language)
        css = 'body{font-family:"DejaVu Sans"}' + ("" if is_seen else "body{columns:2;text-align:justify}")
        yield _Made("Chromium, right to left", document, printed.chromium({"": html(document, css)})[""])


def _office(texts: Sequence[Sequence[str]], is_seen: bool) -> Iterator[_Made]:
    if not shutil.which("soffice"):
        return
    first = 100 if is_seen else 600
    documents = [*_documents(texts, first, 4), *(generated(first, language=each) for each in ("de", "he", "ar"))]
    pages = _documents(texts, first + 20, 4)
    files = {f"{each.name}.docx": printed.word(each) for each in documents}
    files |= {f"{each.name}.html": html(each, "").encode() for each in pages}
    with tempfile.TemporaryDirectory() as folder:
        made = printed.office(files, Path(folder))
    for each in documents:
        blocks = tuple(block for block in each.blocks if block.kind != "note")
        yield _Made("LibreOffice", replace(each, blocks=blocks), made[each.name])
    yield from (_Made("LibreOffice", each, made[each.name]) for each in pages)


def _latex(texts: Sequence[Sequence[str]], is_seen: bool) -> Iterator[_Made]:
    if not shutil.which("pdflatex"):
        return
    for number, preamble in enumerate((styles.SEEN_LATEX if is_seen else styles.UNSEEN_LATEX).values()):
        documents = _documents(texts, 20 * number + (200 if is_seen else 700), 4)
        with tempfile.TemporaryDirectory() as folder:
            made = printed.latex(documents, preamble, Path(folder))
        yield from (_Made("LaTeX", each, made[each.name], numbered=True) for each in documents)


def _drawn(texts: Sequence[Sequence[str]], is_seen: bool) -> Iterator[_Made]:
    for number, document in enumerate(_documents(texts, 300 if is_seen else 800, 6)):
        columns = 1 + number % 2
        yield _Made("words set apart", document, drawn.tex(document, columns=columns))
        yield _Made("scans with text", document, drawn.tex(document, columns=columns, is_scan=True))


def _speed(files: Sequence[bytes]) -> Iterator[Row]:
    """Time the reader, and pypdf's extraction alone on a tenth of the pages: it is the slower part of a reader."""
    pages = 0
    began = time.perf_counter()
    while pages < _PAGES:
        for data in files:
            pages += len(read_pdf(data, "a.pdf").pages)
    per_page = (time.perf_counter() - began) / pages
    compared = 0
    began = time.perf_counter()
    for data in files:
        for page in PdfReader(io.BytesIO(data)).pages:
            page.extract_text(visitor_text=lambda *_: None)
            compared += 1
        if compared >= _COMPARED_PAGES:
            break
    share = per_page / ((time.perf_counter() - began) / compared)
    yield Row(
        "reading a page, and as a share of what pypdf's extraction alone takes",
        f"{1000 * per_page:.1f} ms, {share:.2f}",
    )
    yield Row("reading 1,000 pages", f"{1000 * per_page:.1f} s")
