"""Shows answers as they are: the project's own manual is the library, with questions that were written beforehand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from bot.libraries.opening import load_encoder
from bot.settings import Settings
from index.answering.answer import Answer, Asked, Outcome
from index.documents.document import read_sources
from index.evaluation.calibration import calibrate
from index.generations import generation as generations
from index.generations.build import build
from index.text.aliases import Aliases
from tests.bench.asking import answers_to
from tests.bench.quality import folder
from tests.bench.results import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUESTIONS = Path(__file__).with_name("manual_questions.yaml")
_MANUAL = Path("docs")
_LEFT_OUT = "benchmarks.md"  # it shows these very questions
_SHOWN = 10
_LONGEST = 160  # characters of a quote in the table


def rows() -> Iterator[Row]:
    """Count what is right; then show the refusals and the wrong answers, the most confident ones first."""
    asked = yaml.safe_load(_QUESTIONS.read_text(encoding="utf-8"))
    gold: dict[str, str] = asked["answerable"]
    pages = [path for path in sorted(_MANUAL.glob("*.md")) if path.name != _LEFT_OUT]
    documents, _ = read_sources(pages)
    data, encoder = folder() / "manual", load_encoder(Settings(_env_file=None))
    report = build(documents, data=data, encoder=encoder, aliases=Aliases({}), built_at="2026-01-01T00:00:00+00:00")
    generation = generations.load(data, report.generation)
    generation = replace(generation, calibration=calibrate(generation, encoder))
    found = answers_to(generation, encoder, [Asked(text) for text in (*gold, *asked["unanswerable"])])
    answered = [each for each in found if each.outcome is Outcome.ANSWER]
    right = [each for each in answered if _is_right(each, gold)]
    wrong = [each for each in answered if not _is_right(each, gold)]
    refused = [each for each in found if each.outcome is Outcome.NOT_COVERED]
    unanswerable = [each for each in found if each.question not in gold]
    yield Row(
        "questions that the manual answers: given `answer` with the right quote first", f"{len(right)} of {len(gold)}"
    )
    yield Row("given `answer` with another quote first, or without an answer in the manual", str(len(wrong)))
    well = [each for each in refused if each.question not in gold]
    yield Row("questions that it does not answer: refused", f"{len(well)} of {len(unanswerable)}")
    yield Row("questions that it answers, but refused", str(len(refused) - len(well)))
    for each in sorted(well, key=_confidence)[-_SHOWN:]:
        yield Row(f"refused: {each.question}", f"{each.confidence:.2f}; nearest: {_first(each)}")
    for each in sorted(wrong, key=_confidence)[-_SHOWN:]:
        yield Row(
            f"wrong: {each.question}", f"{each.confidence:.2f}: {_first(each)}", gold.get(each.question, "a refusal")
        )


def _is_right(answer: Answer, gold: dict[str, str]) -> bool:
    return answer.question in gold and gold[answer.question].casefold() in " ".join(
        answer.quotes[0].text.casefold().split()
    )


def _confidence(answer: Answer) -> float:
    return answer.confidence


def _first(answer: Answer) -> str:
    """Give the first quote on one line, without what would break a table."""
    text = " ".join(answer.quotes[0].text.split()).replace("|", "/") if answer.quotes else "nothing"
    return f"“{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}”"
