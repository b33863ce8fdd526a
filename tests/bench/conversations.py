"""Measures follow-ups of real conversations: TREC CAsT 2021 and MTRAG, with and without history and rewritten."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.answering.answer import Asked
from index.answering.question import content_words
from index.documents.document import read_sources
from index.generations import build as builder
from index.generations import generation as generations
from index.generations.promotion import promote
from index.text.noise import Aliases
from index.text.words import stem
from tests.bench import squad
from tests.bench.asking import answers_to
from tests.bench.metrics import estimate, hit
from tests.bench.quality import folder
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.generations.generation import Generation
    from index.models.encoder import Encoder

_FILES = {"cast2021": "conversations-cast.jsonl.gz", "mtrag": "conversations-mtrag.jsonl.gz"}
_SHARE = 0.6  # wanted: of the way from "without history" to "rewritten"
_STAND_ALONE = 0.01  # wanted: of stand-alone questions, joined to an earlier one


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn with its passage, the raw questions before it and a rewrite that stands alone."""

    question: str
    history: tuple[str, ...]
    rewrite: str
    passage: str

    @property
    def subject_was_named_first(self) -> bool:
        """Say whether the rewrite needs a word of the first question that no message after it holds."""
        named, *later = ({stem(word) for word in content_words(text)} for text in (*self.history, self.question))
        needed = {stem(word) for word in content_words(self.rewrite)}
        return bool(needed & named - set().union(*later))


def rows(encoder: Encoder) -> Iterator[Row]:
    """Ask each turn of each set in a library of all passages of the set."""
    for name, file in _FILES.items():
        path = squad.DATA / "qa" / file
        if not path.exists():
            yield Row(f"follow-ups of {name}", f"{path} is absent: set BENCH_DATA to the folder that holds qa/")
            continue
        yield from _set(name, _turns(name), encoder)


def joined_rows(generation: Generation, encoder: Encoder, questions: Sequence[squad.Question]) -> Iterator[Row]:
    """Ask stand-alone questions after two others, every second time of the same article, and count joined ones."""
    chosen = random.Random(0)
    asked = []
    for place, question in enumerate(questions):
        others = [each for each in questions if (each.article == question.article) == bool(place % 2)]
        asked.append(Asked(question.text, tuple(each.text for each in chosen.sample(others, 2))))
    found = answers_to(generation, encoder, asked)
    joined = estimate([each.understood != each.question for each in found])
    what = f"stand-alone SQuAD questions joined to an earlier one ({len(asked)})"
    yield Row(what, str(joined), f"<= {_STAND_ALONE}", joined.value <= _STAND_ALONE)


def _turns(name: str) -> tuple[list[str], list[Turn]]:
    """Read the passages of a set and its turns that have a history, a rewrite and a passage."""
    passages: dict[str, None] = {}
    turns = []
    with gzip.open(squad.DATA / "qa" / _FILES[name], "rt", encoding="utf-8") as lines:
        for each in map(json.loads, lines):
            if each["set"] == name and each["passage"]:
                passages[each["passage"]] = None
                if each["history"] and each["rewrite"]:
                    turns.append(Turn(each["question"], tuple(each["history"]), each["rewrite"], each["passage"]))
    return list(passages), turns


def _set(name: str, read: tuple[list[str], list[Turn]], encoder: Encoder) -> Iterator[Row]:
    passages, turns = read
    names = {passage: f"{place:04}.txt" for place, passage in enumerate(passages)}
    generation = _library(name, names, encoder)
    hits = {}
    for how, asked in (
        ("without history", [Asked(turn.question) for turn in turns]),
        ("with history", [Asked(turn.question, turn.history) for turn in turns]),
        ("rewritten", [Asked(turn.rewrite) for turn in turns]),
    ):
        ranks = []
        for turn, found in zip(turns, answers_to(generation, encoder, asked), strict=True):
            documents = list(dict.fromkeys(passage.document for passage in found.passages))
            right = names[turn.passage]
            ranks.append(documents.index(right) + 1 if right in documents else np.inf)
        hits[how] = hit(ranks, 5)
        top = estimate(hit(ranks, 1))
        yield Row(f"{name}, {how}: passage hit@5 ({len(turns)})", f"{estimate(hits[how])}, hit@1 {top.value:.3f}")
    first = np.array([turn.subject_was_named_first for turn in turns])
    for which, chosen in (("", np.ones(len(turns), bool)), (", subject named first and never again", first)):
        without, joined, rewritten = (float(values[chosen].mean()) for values in hits.values())
        share = (joined - without) / (rewritten - without) if rewritten > without else float("nan")
        measured = f"{share:.2f} (hit@5 {without:.3f}, {joined:.3f}, {rewritten:.3f})"
        what = f"{name}: share of the way to rewritten{which} ({int(chosen.sum())})"
        yield Row(what, measured, f">= {_SHARE}", share >= _SHARE)


def _library(name: str, names: dict[str, str], encoder: Encoder) -> Generation:
    """Index passages as one document each."""
    data = folder() / name
    texts = data / "texts"
    texts.mkdir(parents=True, exist_ok=True)
    for passage, file in names.items():
        (texts / file).write_text(passage, encoding="utf-8", newline="")
    documents, _ = read_sources([texts])
    at = "2026-01-01T00:00:00+00:00"
    report = builder.build(documents, data=data, encoder=encoder, aliases=Aliases({}), built_at=at)
    promote(data, report.generation, at=at)
    return generations.load(data, report.generation)
