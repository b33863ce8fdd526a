"""The command that grades a file of free answers against their reference answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli._batch import answer_together, read_lines
from bot.cli._terminal import print_json
from index.documents.decoding import without_surrogates
from prompts import words

if TYPE_CHECKING:
    from index.models.encoder import Encoder

_FIELDS = ("question", "reference", "answer")


def grade(
    context: typer.Context,
    batch: Annotated[Path, typer.Option(help="Grade a JSON object a line: id, question, reference, answer.")],
) -> None:
    """Grade free answers against reference answers."""
    rows = read_lines(batch, _read)
    from bot.libraries.opening import load_encoder

    encoder = load_encoder(context.obj)
    for row in answer_together(rows, lambda good: _grade(good, encoder)):
        print_json(row)


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    for name in _FIELDS:
        if not isinstance(row.get(name), str):
            return {"error": words("terminal.bad_field", name=name)}
    if not any(map(str.isalnum, row["reference"])):
        return {"error": words("terminal.bad_reference")}
    return {name: without_surrogates(row[name]) for name in _FIELDS}


def _grade(rows: list[dict[str, Any]], encoder: Encoder) -> list[dict[str, Any]]:
    from bot.quiz import grading

    asked = [grading.FreeAnswer(row["question"], _points(row["reference"]), row["answer"]) for row in rows]
    grades = grading.grade(asked, encoder)
    return [
        {"id": row["id"], "score": round(graded.score, 6), "verdict": graded.verdict.value}
        for row, graded in zip(rows, grades, strict=True)
    ]


def _points(reference: str) -> tuple[str, ...]:
    from index.text.sentences import sentences

    return tuple(reference[start:end] for start, end in sentences(reference, 0, len(reference)))
