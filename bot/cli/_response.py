"""Responses as lines of text for a terminal; `tutor ask` prints them plain, `tutor chat` with colours."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from bot.conversation.acts import Act
from bot.conversation.smalltalk import hear
from bot.ui.answer import language_note
from bot.ui.step_labels import step_label
from bot.ui.text import plain
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.answering.turn import NextStep, Response
    from index.answering.answer import Quote
    from index.generations.manifest import Manifest

Style = Literal["", "lead", "note", "side", "quote", "place"]

_PLAIN: dict[Style, str] = {"side": "[{}]", "quote": "“{}”", "place": "  {}"}
_MARKDOWN = re.compile(r"^(?:### |-# )|\*\*", re.MULTILINE)  # all that the sentences for Discord use
_MOST_ROWS = 40
_MOST_DOCUMENTS = 10


def small_talk(text: str) -> str:
    """Return the reply to a greeting, thanks or a request for help."""
    return words(f"terminal.smalltalk.{hear(text).kind or 'other'}")


def response_lines(response: Response, manifest: Manifest, text: str) -> Iterator[tuple[Style, str]]:
    """Yield the lines that show the response to a message `text`, each with its style.

    Texts of documents and people have no control characters: a terminal would carry them out.
    """
    if response.act is Act.QUESTION:
        yield from _answer(response)
    elif response.act is Act.HELP:
        yield "", words("terminal.smalltalk.help")
    elif response.act is Act.SMALLTALK:
        yield "", small_talk(text)
    else:
        lead, *notes = _lead(response).splitlines() or [""]
        yield "lead", lead
        yield from (("note", note) for note in notes)
        if response.act is not Act.QUIZ:
            yield from _documents(response, manifest)
            yield from _outline(response)
            yield from _quotes(response.answer.quotes)
            for aside in response.asides:
                yield "", ""
                yield "note", _unmarked(words(f"conversation.aside.{aside.kind}", name=plain(aside.name)))
                yield from _quotes([aside.quote])


def step_lines(steps: Sequence[NextStep]) -> Iterator[tuple[Style, str]]:
    """Yield the lines of what can be asked next, each with the number to type; nothing without a step."""
    if steps:
        yield "", ""
        yield "note", words("terminal.chat.next")
    for number, step in enumerate(steps, 1):
        label, below = step_label(step)
        yield "", words("terminal.chat.step", number=number, label=label, below=below)


def print_plain(lines: Iterable[tuple[Style, str]]) -> None:
    """Print lines without colours: quotes in quotation marks, their places indented."""
    for style, line in lines:
        print(_PLAIN.get(style, "{}").format(line))


def _answer(response: Response) -> Iterator[tuple[Style, str]]:
    from index.answering.answer import Outcome

    answer = response.answer
    outcome = answer.outcome if answer.quotes else Outcome.NOT_COVERED
    yield "lead", words(f"terminal.outcome.{outcome.value}")
    if answer.understood != answer.question:
        yield "note", words("terminal.understood", question=plain(answer.understood))
    if answer.absent:
        yield "note", words("terminal.absent", name=plain(answer.absent))
    if response.languages is not None:
        yield "note", _unmarked(language_note(*response.languages))
    if outcome is Outcome.NOT_COVERED:
        return
    yield from _quotes(answer.quotes)
    answered = {quote.side for quote in answer.quotes}
    for question in answer.questions:
        if question not in answered:
            yield "", ""
            yield "side", plain(question)
            yield "", words("ask.unanswered")


def _lead(response: Response) -> str:
    """Return the terminal's sentence of a lead, else that of Discord without its Markdown."""
    group, _, name = response.lead.partition(".")
    values = {key: plain(value) if isinstance(value, str) else value for key, value in response.values.items()}
    if f"terminal.response.{response.lead}" in words.known():
        return words(f"terminal.response.{group}.{name}", **values)
    return _unmarked(words(f"conversation.{group}.{name}", **{"example": words("ask.example"), **values}))


def _unmarked(text: str) -> str:
    return _MARKDOWN.sub("", text)


def _quotes(quotes: Iterable[Quote]) -> Iterator[tuple[Style, str]]:
    for quote in quotes:
        yield "", ""
        if quote.side is not None:
            yield "side", plain(quote.side)
        yield "quote", plain(quote.text)
        yield "place", plain(words("terminal.quote", **asdict(quote)))


def _outline(response: Response) -> Iterator[tuple[Style, str]]:
    for row in response.outline[:_MOST_ROWS]:
        name = plain(row.name) or words("conversation.outline.untitled")
        yield "", words("terminal.response.outline.row", name=name, words=row.words)
    if len(response.outline) > _MOST_ROWS:
        yield "note", _unmarked(words("conversation.outline.others", count=len(response.outline) - _MOST_ROWS))


def _documents(response: Response, manifest: Manifest) -> Iterator[tuple[Style, str]]:
    documents = response.documents
    if not documents:
        return
    for document in documents[:_MOST_DOCUMENTS]:
        facts = asdict(document)
        del facts["id"], facts["headings"]
        yield "", plain(_unmarked(words("conversation.metadata.document", **facts)))
    if len(documents) > _MOST_DOCUMENTS:
        yield "note", words("terminal.response.metadata.others", count=len(documents) - _MOST_DOCUMENTS)
    library = {"count": len(documents), "when": manifest.built_at[:10], "model": manifest.model}
    yield "note", _unmarked(words("conversation.metadata.library", **library))
