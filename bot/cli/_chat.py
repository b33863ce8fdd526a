"""The command `tutor chat`: a conversation in the terminal, one message a line."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from bot.cli._terminal import open_announced
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.answering.turn import NextStep, Response, Turn
    from bot.cli._response import Style
    from bot.libraries.opening import Library

_PROMPT = "> "
_END = ("exit", "quit")
_PREPARED_WITHIN_S = 1.0  # what the library suggests, before the first message
_BAR = "▌ "
_STYLES: dict[Style, str] = {"lead": "bold", "note": "dim", "side": "bold cyan", "quote": "italic", "place": "dim"}


def chat(context: typer.Context) -> None:
    """Talk with the tutor, one message a line: questions, follow-ups, “summarize”, “tell me more”; `exit` ends."""
    library = open_announced(context.obj)
    from bot.answering.preparing import prepare, shipped_bank
    from bot.answering.responses import respond
    from bot.answering.turn import NextStep, Turn
    from bot.cli._response import print_plain, response_lines, step_lines

    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    show = _print_styled if interactive else print_plain
    if interactive:
        with suppress(ImportError):
            import readline  # noqa: F401  # gives `input` its line editing and history
        show([("note", words("terminal.chat.welcome"))])
    until = time.monotonic() + _PREPARED_WITHIN_S
    while not prepare(library, shipped_bank()) and time.monotonic() < until:
        pass
    turn, steps = Turn(""), tuple[NextStep, ...]()
    for message in _messages(_PROMPT if interactive else ""):
        if message:
            if chosen := _chosen(message, steps):
                turn, response = _taken(library, turn, chosen)
            else:
                turn = replace(turn, text=message)
                [response] = respond(library, [turn])
            show(response_lines(response, library.generation.texts.manifest, turn.text))
            show(step_lines(response.steps))
            turn, steps = _after(turn, response), response.steps
        else:
            show([("note", words("terminal.chat.empty"))])
        print(flush=True)


def _chosen(message: str, steps: Sequence[NextStep]) -> NextStep | None:
    """Return the next step whose number was typed; None for any other message."""
    number = int(message) if message.isascii() and message.isdecimal() else 0
    return steps[number - 1] if 1 <= number <= len(steps) else None


def _taken(library: Library, turn: Turn, step: NextStep) -> tuple[Turn, Response]:
    """Take a next step: ask its question alone, as it was tried, or show its quote."""
    from bot.answering.next_steps import shown_alone, steps_from
    from bot.answering.responses import respond

    if step.quote is not None:
        return turn, shown_alone(step.kind, step.quote, steps_from(library, step.quote))
    [response] = respond(library, [replace(turn, text=step.text, history=())])
    return replace(turn, text=step.text), response


def _messages(prompt: str) -> Iterator[str]:
    """Yield the lines of stdin until its end, `exit` or Ctrl-C."""
    with suppress(EOFError, KeyboardInterrupt):
        while (message := input(prompt).strip()).casefold() not in _END:
            yield message
        return
    if prompt:
        print()


def _after(turn: Turn, response: Response) -> Turn:
    """Return what the next message goes on from: the last questions, and the places that were shown last."""
    from bot.conversation.acts import Act
    from bot.conversation.recent import TURNS
    from bot.libraries.source_text import Place

    quotes = response.answer.quotes
    shown = tuple(Place(quote.generation, quote.document, quote.start, quote.end) for quote in quotes)
    if response.act is Act.QUESTION:
        return replace(turn, history=(*turn.history, turn.text)[-TURNS:], shown=shown)
    if response.act in (Act.MORE, Act.REPAIR):
        return replace(turn, shown=turn.shown + shown)
    return replace(turn, shown=shown) if shown and response.act is not Act.QUIZ else turn


def _print_styled(lines: Iterable[tuple[Style, str]]) -> None:
    """Print lines with colours, and quotes with a bar before each of their lines."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for style, line in lines:
        bar = _BAR if style in ("quote", "place") else ""
        text = Text(line, _STYLES.get(style, ""))
        for part in text.wrap(console, max(console.width - len(bar), 1)) if line else [text]:
            console.print(Text.assemble((bar, "green"), part), soft_wrap=True)
