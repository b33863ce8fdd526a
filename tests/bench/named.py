"""Measures questions that name a document, on the privacy policies of websites, which say alike things (PolicyQA)."""

from __future__ import annotations

import gzip
import json
import random
from typing import TYPE_CHECKING

from bot.libraries.opening import load_encoder
from bot.settings import Settings
from index.answering.answer import Asked, Outcome
from index.answering.selection import answer
from index.documents.document import read_sources
from index.generations import generation as generations
from index.generations.build import build
from index.text.aliases import Aliases
from tests.bench import squad
from tests.bench.quality import folder
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE = squad.DATA / "qa/policyqa-dev.jsonl.gz"
_QUESTIONS = 60
_FORMS = (
    "{question} (in the privacy policy of {name})",
    "According to {name}'s privacy policy, {question}",
    "{question} at {name}?",
)
_ABSENT = ("Zoom", "Dropbox", "Bank of America", "Spotify", "lufthansa.com")


def rows() -> Iterator[Row]:
    """Ask each question of the site it was written for, and of companies that are not there."""
    if not _FILE.exists():
        yield Row("questions that name a document", f"{_FILE} is absent")
        return
    with gzip.open(_FILE, "rt", encoding="utf-8") as lines:
        asked = [json.loads(line) for line in lines]
    data = folder() / "named"
    texts = data / "texts"
    texts.mkdir(parents=True, exist_ok=True)
    for site in dict.fromkeys(each["document"] for each in asked):
        passages = dict.fromkeys(each["passage"] for each in asked if each["document"] == site)
        (texts / f"{site}.txt").write_text("\n\n".join(passages), encoding="utf-8")
    encoder = load_encoder(Settings(_env_file=None))
    documents, _ = read_sources([texts])
    report = build(documents, data=data, encoder=encoder, aliases=Aliases({}), built_at="2026-01-01T00:00:00+00:00")
    generation = generations.load(data, report.generation)
    chosen = random.Random(0).sample(asked, _QUESTIONS)
    bare = answer(generation, encoder, [Asked(each["question"]) for each in chosen])
    right = sum(a.quotes[0].document == f"{e['document']}.txt" for a, e in zip(bare, chosen, strict=True) if a.quotes)
    yield Row("without the name: first quote from the document that was meant", f"{right / len(chosen):.3f}")
    for form in _FORMS:
        texts_asked = [_put(form, each["question"], each["document"].partition(".")[0].title()) for each in chosen]
        found = answer(generation, encoder, [Asked(text) for text in texts_asked])
        own = sum(
            bool(a.quotes) and a.quotes[0].document == f"{e['document']}.txt"
            for a, e in zip(found, chosen, strict=True)
        )
        share = own / len(chosen)
        yield Row(f"{form}: first quote from the named document", f"{share:.3f}", ">= .97", share >= 0.97)
    for form in _FORMS[:2]:
        missing = [Asked(_put(form, each["question"], name)) for name in _ABSENT for each in chosen[:10]]
        found = answer(generation, encoder, missing)
        share = sum(a.outcome is Outcome.NOT_COVERED and bool(a.absent) for a in found) / len(found)
        yield Row(f"{form}, of a company that is not there: said by name", f"{share:.3f}", ">= .95", share >= 0.95)


def _put(form: str, question: str, name: str) -> str:
    return form.format(question=question.rstrip("?") if form.endswith("?") else question, name=name)
