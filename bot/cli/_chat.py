"""The command `tutor chat`: a conversation in the terminal, one message a line."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from bot.cli._terminal import open_announced
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.answering.turn import Response, Turn
    from bot.cli._response import Style

_PROMPT = "> "
_END = ("exit", "quit")
_BAR = "▌ "
_STYLES: dict[Style, str] = {"lead": "bold", "note": "dim", "side": "bold cyan", "quote": "italic", "place": "dim"}


def chat(context: typer.Context) -> None:
    """Talk with the tutor, one message a line: questions, follow-ups, “summarize”, “tell me more”; `exit` ends."""
    library = open_announced(context.obj)
    from bot.answering.responses import respond
    from bot.answering.turn import Turn
    from bot.cli._response import print_plain, response_lines

    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    show = _print_styled if interactive else print_plain
    if interactive:
        with suppress(ImportError):
            import readline  # noqa: F401  # gives `input` its line editing and history
        show([("note", words("terminal.chat.welcome"))])
    turn = Turn("")
    for message in _messages(_PROMPT if interactive else ""):
        if message:
            turn = replace(turn, text=message)
            [response] = respond(library, [turn])
            show(response_lines(response, library.generation.texts.manifest, message))
            turn = _after(turn, response)
        else:
            show([("note", words("terminal.chat.empty"))])
        print(flush=True)


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
