"""Commands that ask: one question, a file of questions, or a question set to measure with."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli._batch import answer_together, read_lines, read_text
from bot.cli._terminal import Refusal, open_announced, print_json
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.libraries.opening import Library
    from index.answering.answer import Answer


def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="What you would like to know.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    batch: Annotated[Path | None, typer.Option(help="Answer a JSON object a line from this file.")] = None,
) -> None:
    """Ask in the terminal and get the same answer as in Discord."""
    if (question is None) == (batch is None):
        raise typer.BadParameter("give a question, or --batch FILE")
    if batch is not None:
        rows = read_lines(batch, _read)
        library = open_announced(context.obj)
        for row in answer_together(rows, lambda good: _answer_rows(library, good)):
            print_json(row)
        return
    assert question is not None
    if not question.strip():
        raise Refusal(words("terminal.bad_question").capitalize() + ".")
    from bot.conversation.smalltalk import hear

    heard = hear(question)
    if heard.kind is not None and not as_json:
        print(words(f"ask.smalltalk.{heard.kind.value}", menu=words("ask.menu.name")))
        return
    library = open_announced(context.obj)
    began = time.perf_counter()
    found = _answer(library, [(question if as_json else heard.question, ())])[0]
    if as_json:
        print_json(_row(None, found, time.perf_counter() - began), indent=2)
    else:
        _print_answer(found)


def _print_answer(found: Answer) -> None:
    from index.answering.answer import Outcome

    print(words(f"terminal.outcome.{found.outcome.value}"))
    if found.understood != found.question:
        print(words("terminal.understood", question=found.understood))
    if found.outcome is Outcome.NOT_COVERED:
        return
    for quote in found.quotes:
        print()
        if quote.side is not None:
            print(f"[{quote.side}]")
        print(f"“{quote.text}”")
        print(f"  {words('terminal.quote', **asdict(quote))}")


def _answer(library: Library, asked: Sequence[tuple[str, tuple[str, ...]]]) -> list[Answer]:
    from index.answering.answer import Asked

    return library.answer([Asked(text, history) for text, history in asked])


def _answer_rows(library: Library, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    began = time.perf_counter()
    answers = _answer(library, [(row["question"], row["history"]) for row in rows])
    seconds = (time.perf_counter() - began) / len(rows)
    return [_row(row["id"], found, seconds) for row, found in zip(rows, answers, strict=True)]


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    question, history = row.get("question"), row.get("history") or []
    if not isinstance(question, str) or not question.strip():
        return {"error": words("terminal.bad_question")}
    if not isinstance(history, list) or not all(isinstance(item, str) for item in history):
        return {"error": words("terminal.bad_history")}
    return {"question": question, "history": tuple(history)}


def _row(name: Any, found: Answer, seconds: float) -> dict[str, Any]:
    return {
        "id": name,
        "question": found.question,
        "outcome": found.outcome.value,
        "confidence": round(found.confidence, 6),
        "generation": found.generation,
        "seconds": round(seconds, 6),
        "quotes": [
            {
                "text": quote.text,
                "document": quote.document,
                "start": quote.start,
                "end": quote.end,
                "sha256": quote.sha256,
                "score": round(quote.score, 6),
                **({} if quote.page is None else {"page": quote.page}),
            }
            for quote in found.quotes
        ],
        "passages": [{**asdict(hit), "score": round(hit.score, 6)} for hit in found.passages],
    }


def evaluate(
    context: typer.Context,
    questions: Annotated[Path, typer.Argument(help="A question set: what is answerable, with gold, and what is not.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure the answers on a question set."""
    from index.evaluation.metrics import measure, read_questions

    try:
        content = json.loads(read_text(questions))
    except (ValueError, RecursionError) as error:
        raise Refusal(words("terminal.not_json", path=questions, reason=error)) from error
    read_questions(content)  # faults of the question set are reported before a library is opened or built
    library = open_announced(context.obj)
    documents = library.generation.texts.documents
    asked = read_questions(content, {name for document in documents for name in (document.id, document.title)})
    measured = measure(library.generation, library.encoder, asked, library.reranker)
    if as_json:
        print_json(asdict(measured), indent=2)
        return
    print(f"quote@1                                   {measured.quote_at_1} of {measured.answerable}")
    print(f"quote@3                                   {measured.quote_at_3} of {measured.answerable}")
    print(f"answerable questions given `answer`       {measured.answered} of {measured.answerable}")
    print(f"unanswerable questions given `answer`     {measured.falsely_answered} of {measured.unanswerable}")
    print(f"quotes that are not source[start:end]     {measured.not_verbatim}")
    for line in measured.wrong:
        print(f"  {line}")
