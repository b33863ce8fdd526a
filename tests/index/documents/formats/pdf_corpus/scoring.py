"""Compares what was read of a PDF with the text that it was made of."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

from index.documents.formats.reading import Reading
from tests.index.documents.formats.pdf_corpus.documents import Document

_WORD = re.compile(r"[^\W_⁰¹²³⁴-⁹]+(?:[.,'’-][^\W_⁰¹²³⁴-⁹]+)*")
_RAISED = re.compile("[⁰¹²³⁴-⁹]+")


@dataclass(frozen=True, slots=True)
class Score:
    """F1 of the words in sequence, of the ends of paragraphs between words that were found, and of the headings."""

    words: float
    breaks: float
    headings: float


@dataclass(slots=True)
class _Words:
    words: list[str]
    breaks: set[int]  # a block ends before this word
    free: set[int]  # a line may or may not end before it: within the row of a table


def scored(document: Document, reading: Reading, *, numbered: bool = False) -> Score:
    """Score a reading. A footnote may stand anywhere in the text, but in one piece."""
    wanted = _Words([], set(), set())
    headings: list[str] = []
    notes: list[list[str]] = []
    counts = [0, 0]
    for block in document.blocks:
        text = block.text
        if numbered and block.kind in ("h2", "h3"):
            level = int(block.kind[1]) - 2
            counts = [*counts[:level], counts[level] + 1, 0]
            text = f"{'.'.join(map(str, counts[: level + 1]))} {text}"
        if block.kind == "note":
            notes.append(_words(text))
            continue
        wanted.breaks.add(len(wanted.words))
        for number, cell in enumerate(text.split("\t")):
            if number:
                wanted.free.add(len(wanted.words))
            wanted.words += _words(cell)
        if block.kind.startswith("h"):
            headings.append(" ".join(_words(text)))
    got = _Words([], set(), set())
    for line in _without_heads(document, reading).split("\n"):
        got.breaks.add(len(got.words))
        got.words += _words(line)
    for note in notes:
        _cut_out(got, note)
    matches = SequenceMatcher(None, wanted.words, got.words, autojunk=False).get_matching_blocks()
    aligned = {block.a + n: block.b + n for block in matches for n in range(block.size)}
    back = {b: a for a, b in aligned.items()}
    free = {aligned[each] for each in wanted.free if each in aligned}
    expected = {aligned.get(each, -1 - each) for each in wanted.breaks - {0}}
    found = {each for each in got.breaks - {0, len(got.words)} - free if each in back or each - 1 in back}
    read = [" ".join(_words(reading.text[start:end])) for start, end, _ in reading.headings]
    return Score(
        _f1(len(aligned), len(wanted.words), len(got.words)),
        _f1(len(expected & found), len(expected), len(found)),
        _f1(sum(min(headings.count(each), read.count(each)) for each in set(headings)), len(headings), len(read)),
    )


def _without_heads(document: Document, reading: Reading) -> str:
    """Leave out of the rows of tables the headings of their columns, which the PDF does not repeat."""
    text, before = reading.text, ""
    for block in document.blocks:
        if block.kind == "row" and before != "row":
            for head in block.text.split("\t"):
                text = re.sub(rf"(^|\| ){re.escape(head)}: ", r"\1", text, flags=re.MULTILINE)
        before = block.kind
    return text


def _words(text: str) -> list[str]:
    text = _RAISED.sub(" ", text)
    return _WORD.findall(unicodedata.normalize("NFKC", text).replace("\u00ad", "").casefold())


def _cut_out(got: _Words, note: list[str]) -> None:
    """Leave a footnote out of what was read, where it stands in one piece."""
    for at in range(len(got.words) - len(note) + 1):
        if got.words[at : at + len(note)] == note:
            got.words[at : at + len(note)] = []
            got.breaks = {each if each <= at else max(at, each - len(note)) for each in got.breaks}
            return


def _f1(right: int, wanted: int, got: int) -> float:
    return 2 * right / (wanted + got) if wanted + got else 1.0
