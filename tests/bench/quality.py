"""Measures how often the right words come first, how often silence is kept, and whether quotes are verbatim."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.librarian import SEEDS, instead, rebuild
from bot.library import load_encoder
from bot.settings import Settings
from index import generation as generations
from index.answer import Asked, Outcome, answer
from index.cleaning import Aliases
from index.evaluation import measure, read_questions
from index.manifest import live
from tests.bench import squad
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from index.answer import Answer
    from index.encoder import Encoder
    from index.generation import Generation
    from tests.bench.squad import Article, Question

_BUILD = Path("build/bench")
_ONLY_READ = frozenset(["answer", "evaluation", "follow_up", "question", "search"])
_TOGETHER = 32
_KEPT = 0.95  # share of the answerable questions that a threshold must accept


def folder() -> Path:
    """Name the folder of libraries built for measuring: a new one whenever the code that builds them has changed."""
    digest = hashlib.sha256()
    for file in sorted(Path("index").glob("*.py")):
        if file.stem not in _ONLY_READ:
            digest.update(file.read_bytes())
    here = _BUILD / digest.hexdigest()[:12]
    for other in _BUILD.glob("*/"):
        if other != here:
            shutil.rmtree(other)
    here.mkdir(parents=True, exist_ok=True)
    return here


def essay_settings() -> Settings:
    """Give settings whose library is the essay that ships, built if need be."""
    settings = Settings(_env_file=None, data=folder() / "essay")
    if live(settings.data) is None:
        rebuild(settings, settings.data, instead([SEEDS]), lambda: load_encoder(settings))
    return settings


def rows() -> Iterator[Row]:
    """Measure everything about quality; what needs data that is absent says where it comes from."""
    encoder = load_encoder(Settings(_env_file=None))
    yield from _essay(encoder)
    try:
        articles = squad.read()
    except SystemExit as absent:
        yield Row("SQuAD", str(absent))
        return
    changed = 0
    for of_whole, found in (_ranking(articles, encoder), _refusal(articles, encoder)):
        yield from of_whole
        changed += found
    yield Row("SQuAD: quotes that are not source[start:end]", str(changed), "0", changed == 0)


def _essay(encoder: Encoder) -> Iterator[Row]:
    path = squad.DATA / "essay_questions.json"
    if not path.exists():
        yield Row("essay", f"{path} is absent: set BENCH_DATA to the folder that holds it.")
        return
    settings = essay_settings()
    generation = generations.load(settings.data, generations.live(settings.data) or "")
    found = measure(generation, encoder, read_questions(json.loads(path.read_text(encoding="utf-8"))))
    of = f"of {found.answerable}"
    yield Row("essay: quote@1", f"{found.quote_at_1} {of}", f">= 11 {of}", found.quote_at_1 >= 11)
    yield Row("essay: quote@3", f"{found.quote_at_3} {of}", f">= 12 {of}", found.quote_at_3 >= 12)
    yield Row("essay: answerable given `answer`", f"{found.answered} {of}", f">= 11 {of}", found.answered >= 11)
    wrong, of = found.falsely_answered, f"of {found.unanswerable}"
    yield Row("essay: unanswerable given `answer`", f"{wrong} {of}", f"0 {of}", wrong == 0)
    yield Row("essay: quotes that are not source[start:end]", str(found.not_verbatim), "0", not found.not_verbatim)


def _ranking(articles: Sequence[Article], encoder: Encoder) -> tuple[list[Row], int]:
    """Ask all answerable questions of one library of all articles; also count quotes that are not verbatim."""
    generation = squad.library(articles, folder() / "squad", encoder, Aliases({}))
    questions = [question for article in articles for question in article.questions if question.answers]
    answers = _answers(generation, encoder, questions)
    sources = {article.document: article.text for article in articles}
    ranks = np.array([_passage_rank(q, found, sources) for q, found in zip(questions, answers, strict=True)])
    quoted = np.array([_quote_rank(q, found) for q, found in zip(questions, answers, strict=True)])
    rows = [
        _at_least("SQuAD: passage hit@1", float((ranks <= 1).mean()), 0.845),
        _at_least("SQuAD: passage hit@5", float((ranks <= 5).mean()), 0.965),
        _at_least("SQuAD: passage MRR@10", float(np.where(ranks <= 10, 1 / ranks, 0.0).mean()), 0.895),
        _at_least("SQuAD: quote@1", float((quoted <= 1).mean()), 0.74),
        _at_least("SQuAD: quote@3", float((quoted <= 3).mean()), 0.895),
    ]
    return rows, _changed(answers, sources)


def _refusal(articles: Sequence[Article], encoder: Encoder) -> tuple[list[Row], int]:
    """Index every other article and ask about all; also count quotes that are not verbatim."""
    indexed = articles[::2]
    generation = squad.library(indexed, folder() / "squad", encoder, Aliases({}))
    titles = {article.title for article in indexed}
    questions = [q for article in articles for q in article.questions if q.answers or q.article not in titles]
    answers = _answers(generation, encoder, questions)
    confidence = np.array([found.confidence for found in answers])
    answered = np.array([found.outcome is Outcome.ANSWER for found in answers])
    inside = np.array([question.article in titles for question in questions])
    answerable = np.array([bool(question.answers) for question in questions])
    threshold = np.quantile(confidence[inside], 1 - _KEPT)
    rows = []
    for name, outside in (("all", ~inside), ("only answerable", ~inside & answerable)):
        what = f"other 4 articles' questions ({name}, {outside.sum()})"
        auc = _auc(confidence[inside], confidence[outside])
        accepted = float((confidence[outside] >= threshold).mean())
        rows += [
            _at_least(f"{what}: AUC", auc, 0.986),
            Row(f"{what}: accepted at 95 % kept", f"{accepted:.3f}", "<= 0.09", accepted <= 0.09),
            Row(f"{what}: given `answer`", f"{answered[outside].mean():.3f}"),
        ]
    rows.append(
        Row(f"indexed 4 articles' questions ({inside.sum()}): given `answer`", f"{answered[inside].mean():.3f}")
    )
    return rows, _changed(answers, {article.document: article.text for article in indexed})


def _answers(generation: Generation, encoder: Encoder, questions: Sequence[Question]) -> list[Answer]:
    asked = [Asked(question.text) for question in questions]
    batches = (asked[first : first + _TOGETHER] for first in range(0, len(asked), _TOGETHER))
    return [found for batch in batches for found in answer(generation, encoder, batch)]


def _passage_rank(question: Question, found: Answer, sources: dict[str, str]) -> float:
    """Give the place, from 1, of the first passage that overlaps the gold paragraph; infinity when none does."""
    document = f"{question.article}.txt"
    start = sources[document].index(question.paragraph)
    end = start + len(question.paragraph)
    places = (n for n, p in enumerate(found.passages, 1) if p.document == document and p.start < end and start < p.end)
    return next(places, np.inf)


def _quote_rank(question: Question, found: Answer) -> float:
    """Give the place, from 1, of the first quote that holds a gold answer; infinity when none does."""
    gold = [text.casefold() for text in question.answers]
    places = (n for n, quote in enumerate(found.quotes, 1) if any(text in quote.text.casefold() for text in gold))
    return next(places, np.inf)


def _changed(answers: Sequence[Answer], sources: dict[str, str]) -> int:
    quotes = (quote for found in answers for quote in (*found.quotes, *found.more))
    return sum(quote.text != sources[quote.document][quote.start : quote.end] for quote in quotes)


def _auc(positives: NDArray[np.float64], negatives: NDArray[np.float64]) -> float:
    """Give the share of pairs in which the positive is higher, ties counting half."""
    ordered = np.sort(negatives)
    below, not_above = (np.searchsorted(ordered, positives, side=side) for side in ("left", "right"))
    return float((below + not_above).mean() / 2 / len(negatives))


def _at_least(what: str, measured: float, wanted: float) -> Row:
    return Row(what, f"{measured:.3f}", f">= {wanted}", measured >= wanted)
