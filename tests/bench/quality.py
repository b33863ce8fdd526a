"""Measures how often the right words come first, and whether quotes are verbatim."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.libraries.opening import load_encoder
from bot.libraries.rebuild import SEEDS, rebuild, replace_all
from bot.settings import Settings
from index.answering.answer import Asked
from index.evaluation.metrics import measure, read_questions
from index.generations import generation as generations
from index.generations.manifest import live
from index.text.noise import Aliases
from tests.bench import squad
from tests.bench.asking import answers_to, not_verbatim, passage_rank, quote_rank, sources_of
from tests.bench.metrics import estimate, hit, ndcg, reciprocal_rank
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from index.answering.answer import Answer
    from index.generations.generation import Generation
    from index.models.encoder import Encoder
    from tests.bench.squad import Question

_BUILD = Path("build/bench")
_ONLY_READ = frozenset({"answering", "evaluation"})  # packages of index/ that only read a library


def folder() -> Path:
    """Name the folder of libraries built for measuring: a new one whenever the code that builds them has changed."""
    digest = hashlib.sha256()
    for file in sorted([*Path("index").rglob("*.py"), *Path("index/text/languages").iterdir()]):
        if file.parts[1] not in _ONLY_READ:
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
        rebuild(settings, settings.data, replace_all([SEEDS]), lambda: load_encoder(settings))
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
    generation = squad.library(articles, folder() / "squad", encoder, Aliases({}))
    questions = [question for article in articles for question in article.questions if question.answers]
    answers = answers_to(generation, encoder, [Asked(question.text) for question in questions])
    sources = sources_of(articles)
    yield from _places(questions, answers, sources)
    yield from _quotes(generation, answers)
    changed = not_verbatim(answers, sources)
    yield Row("SQuAD: quotes that are not source[start:end]", str(changed), "0", changed == 0)


def _essay(encoder: Encoder) -> Iterator[Row]:
    path = squad.DATA / "essay_questions.json"
    if not path.exists():
        yield Row("essay", f"{path} is absent: set BENCH_DATA to the folder that holds it.")
        return
    settings = essay_settings()
    generation = generations.load(settings.data, live(settings.data) or "")
    found = measure(generation, encoder, read_questions(json.loads(path.read_text(encoding="utf-8"))))
    of = f"of {found.answerable}"
    yield Row("essay: quote@1", f"{found.quote_at_1} {of}", f">= 11 {of}", found.quote_at_1 >= 11)
    yield Row("essay: quote@3", f"{found.quote_at_3} {of}", f">= 12 {of}", found.quote_at_3 >= 12)
    yield Row("essay: answerable given `answer`", f"{found.answered} {of}", f">= 11 {of}", found.answered >= 11)
    wrong, of = found.falsely_answered, f"of {found.unanswerable}"
    yield Row("essay: unanswerable given `answer`", f"{wrong} {of}", f"0 {of}", wrong == 0)
    yield Row("essay: quotes that are not source[start:end]", str(found.not_verbatim), "0", not found.not_verbatim)


def _places(questions: Sequence[Question], answers: Sequence[Answer], sources: Mapping[str, str]) -> Iterator[Row]:
    """Say at which place the right passage and the first answering quote come, over all answerable questions."""
    pairs = list(zip(questions, answers, strict=True))
    ranks = [passage_rank(question, found, sources) for question, found in pairs]
    quoted = [quote_rank(question, found) for question, found in pairs]
    for what, values, wanted in (
        ("passage hit@1", hit(ranks, 1), 0.87),
        ("passage hit@5", hit(ranks, 5), 0.975),
        ("passage MRR@10", reciprocal_rank(ranks), 0.915),
        ("passage nDCG@10", ndcg(ranks), None),
        ("quote@1", hit(quoted, 1), 0.78),
        ("quote@3", hit(quoted, 3), 0.92),
    ):
        found = estimate(values)
        yield Row(
            f"SQuAD: {what} ({len(questions)} questions)",
            str(found),
            f">= {wanted}" if wanted else "",
            found.value >= wanted if wanted else None,
        )


def _quotes(generation: Generation, answers: Sequence[Answer]) -> Iterator[Row]:
    """Say whether quotes are sentences, and how much there is to read before the answer is found."""
    sentences = {
        (passage.document, sentence.start, sentence.end)
        for passage in generation.passages
        for sentence in passage.sentences
    }
    quotes = [quote for found in answers for quote in (*found.quotes, *found.more)]
    whole = np.mean([(quote.document, quote.start, quote.end) in sentences for quote in quotes])
    yield Row(f"SQuAD: quotes that are whole sentences ({len(quotes)} quotes)", f"{whole:.3f}")
    median, most = np.quantile([len(found.quotes[0].text) for found in answers if found.quotes], [0.5, 0.9])
    yield Row("SQuAD: characters of the first quote, median / 90 %", f"{median:.0f} / {most:.0f}")
