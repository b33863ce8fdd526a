"""Measures the check of quotations: 2,000 made cases of known kinds, and the time in a library of 10,000 passages."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.documents.document import read_sources
from index.generations import build as builder
from index.generations import generation as generations
from index.generations.manifest import live
from index.generations.promotion import promote
from index.quotations.changes import is_negation
from index.quotations.check import check
from index.quotations.verdicts import Verdict
from index.text.comparison import words_of
from index.text.noise import Aliases
from tests.bench import squad
from tests.bench.quality import folder
from tests.bench.results import Row
from tests.index.fakes import FakeEncoder

if TYPE_CHECKING:
    from index.generations.generation import Generation

_CASES = 2_000
_PASSAGES = 10_000
_CHARACTERS = 4_000
_RUNS = 21
_SEED = 0
_LEFT_OUT = 2  # articles that are in no library: what foreign sentences are taken from
_NEAR_DUPLICATES = 60  # passages that stand in the library a second time, with some words changed
_AT = "2026-01-01T00:00:00+00:00"
_AUXILIARY = re.compile(r"\b(is|are|was|were|can|will|would|should|has been|have been|may|must)\b")
_NOT = re.compile(r" (?:not|never)\b")
_NUMBER = re.compile(r"(?<![\[^])\b(?:\d[\d,.]*\d|\d)\b")  # in brackets it is an insertion
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b")
_GRAVE = ("negation", "number", "name")


@dataclass(frozen=True, slots=True)
class Case:
    """A quotation of a kind, the verdict it must get, and the document it is of, where it is exact."""

    kind: str
    text: str
    verdict: Verdict
    document: str = ""


def rows() -> Iterator[Row]:
    """Make the library and the cases, check each in a sentence of its own, then time a text of 4,000 characters."""
    articles = squad.read()
    generation = _library(articles)
    found = cases(generation, articles[-_LEFT_OUT:])
    wrong: Counter[str] = Counter()
    exact: Counter[str] = Counter()
    for case in found:
        # A quotation with a list or code in it is checked paragraph by paragraph.
        parts = check(generation, f"The report says: \u201c{case.text}\u201d And so on.").quotations
        checked = next((part for part in parts if part.verdict not in (Verdict.EXACT, Verdict.TOO_SHORT)), parts[0])
        is_there = not case.document or checked.pieces[0].document == case.document if checked.pieces else True
        wrong[case.kind] += not (checked.verdict is case.verdict and is_there)
        exact[case.kind] += checked.verdict is Verdict.EXACT
    total = Counter(case.kind for case in found)
    right = 1 - wrong.total() / len(found)
    yield Row(f"quotations: verdict right, {len(found):,} cases", f"{right:.4f}", ">= .985", right >= 0.985)
    for kind, count in sorted(total.items()):
        yield Row(f"  {kind}", f"{count - wrong[kind]} of {count}")
    grave = sum(exact[kind] for kind in _GRAVE)
    yield Row("quotations: altered negations, numbers and names called exact", str(grave), "0", grave == 0)
    yield from _times(generation, found)


def _times(generation: Generation, found: Sequence[Case]) -> Iterator[Row]:
    shuffled = [*found]
    random.Random(_SEED).shuffle(shuffled)
    quoted = "\n".join(f"It says: \u201c{case.text}\u201d" for case in shuffled)
    plain = " ".join(re.sub(r"[^\w\s,.]", " ", case.text) for case in shuffled)
    size = f"{_CHARACTERS:,} characters at {len(generation.passages):,} passages"
    for name, text in (("quoted, of all kinds", quoted), ("without marks, by sentences", plain)):
        count = len(check(generation, text[:_CHARACTERS]).quotations)
        taken = []
        for run in range(_RUNS):
            part = text[run * _CHARACTERS : (run + 1) * _CHARACTERS]
            began, busy = time.perf_counter(), time.thread_time()
            check(generation, part)
            taken.append((1000 * (time.perf_counter() - began), 1000 * (time.thread_time() - busy)))
        median, computing = np.median(taken, axis=0)
        shown = f"{median:.0f} ms, {computing:.0f} ms of them computing"
        yield Row(f"{size}, {name} ({count}): median", shown, "< 100 ms", bool(median < 100))
    opened = generations.load(_data(), generation.id)
    began = time.perf_counter()
    _ = opened.word_pairs
    yield Row("  once for a library: its word pairs", f"{time.perf_counter() - began:.1f} s")


def _data() -> Path:
    return folder() / "quotations"


def _library(articles: Sequence[squad.Article]) -> Generation:
    """Index articles, documents, near-duplicates of some passages, and other texts up to 10,000 passages."""
    data = _data()
    if (name := live(data)) is None:
        texts = data / "texts"
        texts.mkdir(parents=True, exist_ok=True)
        for article in articles[:-_LEFT_OUT]:
            (texts / article.document).write_text(article.text, encoding="utf-8", newline="")
        near = [_near_duplicate(each, number) for number, each in enumerate(_paragraphs(articles[:-_LEFT_OUT]))]
        (texts / "revised.txt").write_text("\n\n".join(near), encoding="utf-8", newline="")
        filler = [
            (f"{file.stem}-{number}.txt", text)
            for file in sorted((squad.DATA / "qa/kinds").glob("*.json"))
            for number, text in enumerate(json.loads(file.read_text(encoding="utf-8"))["documents"].values())
        ]
        for file_name, text in filler:
            (texts / file_name).write_text(text, encoding="utf-8", newline="")
        documents, _ = read_sources([texts, squad.DATA / "qa/documents"])
        report = builder.build(documents, data=data, encoder=FakeEncoder(), aliases=Aliases({}), built_at=_AT)
        promote(data, report.generation, at=_AT)
        name = report.generation
    return generations.load(data, name)


def _paragraphs(articles: Sequence[squad.Article]) -> list[str]:
    every = [paragraph for article in articles for paragraph in article.paragraphs]
    return random.Random(_SEED).sample(every, _NEAR_DUPLICATES)


def _near_duplicate(paragraph: str, number: int) -> str:
    """Change every twelfth word of a paragraph."""
    words = paragraph.split(" ")
    for at in range(5 + number % 5, len(words), 12):
        words[at] = "reportedly" if words[at].islower() else words[at]
    return " ".join(words)


def cases(generation: Generation, left_out: Sequence[squad.Article]) -> list[Case]:
    """Make as many cases of each kind from the sentences of a library; no changed one stands in it as it is."""
    return [*_Maker(generation, left_out).cases()]


class _Maker:
    """Makes cases from a random order of the library's sentences."""

    def __init__(self, generation: Generation, left_out: Sequence[squad.Article]) -> None:
        self._random = random.Random(_SEED)
        self._held = "\n".join(" ".join(words_of(document.text)) for document in generation.texts.documents)
        found = [generation.sentence(number) for number in range(len(generation.sentences))]
        fit = [each for each in found if 8 <= len(words_of(each.text)) <= 40 and "\u201c" not in each.text]
        self._near = [each for each in fit if each.document.id == "revised.txt"]
        sources = [
            each for each in fit if not re.match(r"(faq|forum|health|manuals|papers)-|revised", each.document.id)
        ]
        self._random.shuffle(sources)
        self._sources = iter(sources)
        self._sentences = sources
        self._left_out = [
            sentence
            for article in left_out
            for paragraph in article.paragraphs
            for sentence in re.split(r"(?<=[.!?]) (?=[A-Z])", paragraph)
            if 8 <= len(words_of(sentence)) <= 40
        ]
        self._random.shuffle(self._left_out)
        joined = " ".join(each.text for each in sources)
        self._words = [word for word in words_of(joined) if len(word) > 3]
        self._names = sorted(set(_NAME.findall(joined)))

    def cases(self) -> Iterator[Case]:
        changed: dict[str, Callable[[str], str | None]] = {
            "one word": self._one_word,
            "negation": self._negation,
            "number": self._number,
            "name": self._name,
            "order": self._order,
        }
        each = _CASES // 9
        yield from self._near_duplicates(each)
        yield from self._foreign(each)
        yield from self._stitched(each)
        for kind, change in changed.items():
            yield from self._changed(kind, change, each)
        yield from self._exact(_CASES - 8 * each)

    def _is_held(self, text: str) -> bool:
        return " ".join(words_of(text)) in self._held

    def _changed(self, kind: str, change: Callable[[str], str | None], count: int) -> Iterator[Case]:
        for sentence in self._random.sample(self._sentences, len(self._sentences)):
            text = change(sentence.text)
            if text is not None and not self._is_held(text):
                yield Case(kind, text, Verdict.ALTERED)
                count -= 1
            if not count:
                return

    def _exact(self, count: int) -> Iterator[Case]:
        for number in range(count):
            sentence = next(self._sources)
            words = sentence.text.split()
            text = sentence.text
            match number % 5:
                case 1:
                    text = text[:1].swapcase() + text[1:].rstrip(".") + ","
                case 2:
                    text = text.replace("'", "\u2019").replace(" - ", " \u2014 ").replace(" ", "  ", 2)
                case 3:
                    text = " ".join([*words[:4], "[as they say]", *words[4:]])
                case 4 if not any(map(is_negation, words_of(text))):  # which an ellipsis may not leave out
                    third = len(words) // 3
                    text = " ".join([*words[:third], self._random.choice(["\u2026", "...", "[...]"]), *words[-third:]])
            yield Case("exact", text, Verdict.EXACT, sentence.document.id if not self._is_doubled(words) else "")

    def _is_doubled(self, words: Sequence[str]) -> bool:
        return self._held.count(" ".join(words_of(" ".join(words)))) > 1

    def _near_duplicates(self, count: int) -> Iterator[Case]:
        """Quote passages that stand in two versions: each exactly, and with a change that neither has."""
        for number in range(count):
            sentence = self._random.choice(self._near)
            if number % 3 < 2:
                document = "" if self._is_doubled(sentence.text.split()) else "revised.txt"
                yield Case("near-duplicate", sentence.text, Verdict.EXACT, document)
                continue
            text = None
            while text is None or self._is_held(text):
                text = self._one_word(self._random.choice(self._near).text)
            yield Case("near-duplicate", text, Verdict.ALTERED)

    def _foreign(self, count: int) -> Iterator[Case]:
        free = (text for text in self._left_out if not self._is_held(text) and "\u201c" not in text)
        for _ in range(count):
            yield Case("foreign", next(free), Verdict.NOT_FOUND)

    def _stitched(self, count: int) -> Iterator[Case]:
        while count:
            first, second = self._random.sample(self._sentences, 2)
            front, back = first.text.split(), second.text.split()
            text = " ".join([*front[: max(6, len(front) // 2)], *back[-max(6, len(back) // 2) :]])
            if first.passage_index != second.passage_index and not self._is_held(text):
                yield Case("stitched", text, Verdict.STITCHED)
                count -= 1

    def _one_word(self, text: str) -> str | None:
        places = list(re.finditer(r"\b[a-z]{4,}\b", text))
        if not places:
            return None
        place, word = self._random.choice(places), self._random.choice(self._words)
        return None if word == place[0] else text[: place.start()] + word + text[place.end() :]

    def _negation(self, text: str) -> str | None:
        if _NOT.search(text):
            return _NOT.sub("", text, count=1)
        found = _AUXILIARY.search(text)
        return text[: found.end()] + " not" + text[found.end() :] if found else None

    def _number(self, text: str) -> str | None:
        found = _NUMBER.search(text)
        if found is None:
            return None
        digits = [*found[0]]
        at = self._random.choice([n for n, digit in enumerate(digits) if digit.isdigit()])
        digits[at] = self._random.choice([digit for digit in "123456789" if digit != digits[at]])
        return text[: found.start()] + "".join(digits) + text[found.end() :]

    def _name(self, text: str) -> str | None:
        found = _NAME.search(text)
        other = self._random.choice(self._names)
        return text[: found.start()] + other + text[found.end() :] if found and found[0] != other else None

    def _order(self, text: str) -> str | None:
        """Swap two neighbouring words, or the clauses before and after a comma."""
        clauses = text.rstrip(".").split(", ")
        if len(clauses) == 2 and all(len(words_of(clause)) > 3 for clause in clauses):
            return f"{clauses[1]}, {clauses[0]}."
        words = text.split(" ")
        at = self._random.randrange(1, len(words) - 2)
        if words_of(words[at]) == words_of(words[at + 1]) or not words_of(words[at]) or not words_of(words[at + 1]):
            return None
        words[at], words[at + 1] = words[at + 1], words[at]
        return " ".join(words)
