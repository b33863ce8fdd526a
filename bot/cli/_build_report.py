"""Prints the result of a build: the numbers, what changed, the exam, the estimate, and spellings to confirm."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from prompts import words

if TYPE_CHECKING:
    from pathlib import Path

    from bot.libraries.rebuild import Rebuilt
    from bot.settings import Settings
    from index.generations.records import Exam
    from index.generations.texts import Texts


def summary(rebuilt: Rebuilt, seconds: float) -> dict[str, object]:
    """Return the result as the JSON object that `--json` prints; `bot.libraries.proposals` reads it."""
    from index.generations.records import as_row

    exam = as_row(rebuilt.exam) if rebuilt.exam is not None else None
    more = {"seconds": seconds, "live": rebuilt.is_live, "changes": asdict(rebuilt.changes), "exam": exam}
    if rebuilt.calibration is not None:
        more["calibration"] = rebuilt.calibration.to_json()
    return {**asdict(rebuilt.report), **more}


def print_report(settings: Settings, folder: Path, rebuilt: Rebuilt, seconds: float) -> None:
    """Print the result of a build in a library's folder for a person."""
    from bot.libraries.source_text import unread_languages
    from bot.ui.answer import language_name
    from index.generations.texts import live_texts

    changes = rebuilt.changes
    print(words("terminal.built", live=rebuilt.is_live, seconds=seconds, **asdict(rebuilt.report)))
    for kind, names in (
        ("added", changes.documents_added),
        ("changed", changes.documents_changed),
        ("removed", changes.documents_removed),
    ):
        for name in names:
            print(words("terminal.change", kind=kind, name=name))
    if rebuilt.exam is not None:
        _print_exam(rebuilt.exam)
    if (fitted := rebuilt.calibration) is not None and fitted.answerable:
        shares = {"answered": fitted.coverage, "quoted": fitted.precision, "falsely": fitted.false_answers}
        print(words("terminal.estimate", **shares))
    texts = live_texts(folder)
    if unread := unread_languages(texts):
        languages = [language_name(code) for code in unread]
        print(words("terminal.unread", languages=languages, model=texts.manifest.model))
    _print_suggestions(settings, texts)


def _print_exam(exam: Exam) -> None:
    if exam.golden:
        print(words("terminal.golden", golden=exam.golden, right=exam.right, right_before=exam.right_before))
    for question in exam.worse:
        print(words("terminal.worse", question=question))
    for item in exam.orphans:
        print(words("terminal.orphan", item=item))
    if exam.gone:
        print(words("terminal.gone", count=len(exam.gone)))


def _print_suggestions(settings: Settings, texts: Texts) -> None:
    """Print pairs of words that look like spellings of one another and are no aliases yet, for a person to confirm."""
    from bot.libraries.rebuild import aliases_file
    from index.text.noise import read_aliases, suggest_aliases

    file = aliases_file(settings)
    known = read_aliases(file)
    for found in suggest_aliases([known.canonical(document.text) for document in texts.documents]):
        print(words("terminal.suggested", file=file, **asdict(found)))
