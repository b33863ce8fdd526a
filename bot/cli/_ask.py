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
    from collections.abc import Mapping

    from bot.answering.turn import Response
    from bot.libraries.opening import Library
    from index.answering.answer import Quote

_WITHOUT_QUOTES = ("quiz", "lesson")  # acts that begin something: what is quoted there shows what it is about


def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="What you would like to know.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    batch: Annotated[Path | None, typer.Option(help="Answer a JSON object a line from this file.")] = None,
) -> None:
    """Ask in the terminal, or say “summarize”, “how is it structured”, “who wrote this” and so on."""
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
    from bot.answering.responses import respond
    from bot.answering.turn import Turn
    from bot.cli._response import print_plain, response_lines, small_talk
    from bot.conversation.smalltalk import hear

    if hear(question).kind is not None and not as_json:
        print(small_talk(question))
        return
    library = open_announced(context.obj)
    began = time.perf_counter()
    [response] = respond(library, [Turn(question)])
    if as_json:
        print_json(_row(None, question, response, time.perf_counter() - began), indent=2)
    else:
        print_plain(response_lines(response, library.generation.texts.manifest, question))


def _answer_rows(library: Library, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from bot.answering.responses import respond
    from bot.answering.turn import Turn

    began = time.perf_counter()
    responses = respond(library, [Turn(row["question"], row["history"]) for row in rows])
    seconds = (time.perf_counter() - began) / len(rows)
    return [_row(row["id"], row["question"], each, seconds) for row, each in zip(rows, responses, strict=True)]


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    question, history = row.get("question"), row.get("history") or []
    if not isinstance(question, str) or not question.strip():
        return {"error": words("terminal.bad_question")}
    if not isinstance(history, list) or not all(isinstance(item, str) for item in history):
        return {"error": words("terminal.bad_history")}
    return {"question": question, "history": tuple(history)}


def _row(name: Any, question: str, response: Response, seconds: float) -> dict[str, Any]:
    found = response.answer
    return {
        "id": name,
        "question": question,
        "act": response.act.value,
        "understood": found.understood,
        "outcome": found.outcome.value,
        "confidence": round(found.confidence, 6),
        "generation": found.generation,
        "seconds": round(seconds, 6),
        "quotes": [_quote(quote) for quote in found.quotes] if response.act not in _WITHOUT_QUOTES else [],
        "passages": [{**asdict(hit), "score": round(hit.score, 6)} for hit in found.passages],
    }


def _quote(quote: Quote) -> dict[str, Any]:
    return {
        "text": quote.text,
        "document": quote.document,
        "start": quote.start,
        "end": quote.end,
        "sha256": quote.sha256,
        "score": round(quote.score, 6),
        "heading": quote.heading,
        **({} if quote.page is None else {"page": quote.page}),
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
