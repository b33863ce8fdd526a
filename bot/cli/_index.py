"""Builds the library and looks at it."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli._output import print_json
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from bot.settings import Settings

index_app = typer.Typer(help="Build the library and look at it.", no_args_is_help=True)


@index_app.command("build")
def build(
    context: typer.Context,
    sources: Annotated[
        list[Path] | None, typer.Argument(help="Files and folders; default: the essay that ships.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as one JSON object.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse to build when anything cannot be read.")] = False,
) -> None:
    """Rebuild the library from these documents while the old one keeps serving."""
    from bot.library import SEEDS, build_library, load_encoder

    settings: Settings = context.obj
    began = time.perf_counter()
    encoder = load_encoder(settings)
    with _progress() as advance:
        report = build_library(settings, sources or [SEEDS], encoder, advance, strict=strict)
    row = {**asdict(report), "seconds": round(time.perf_counter() - began, 3)}
    for skipped in report.skipped:
        print(words("terminal.skipped", name=skipped.name, reason=skipped.reason), file=sys.stderr)
    if as_json:
        print_json(row)
        return
    print(
        words(
            "terminal.built",
            **{
                key: row[key]
                for key in ("generation", "documents", "passages", "encoded", "reused", "removed", "seconds")
            },
        )
    )
    _print_suggestions(settings)


def _print_suggestions(settings: Settings) -> None:
    """Name words that look like spellings of one another and are not yet known as such, for a person to confirm."""
    from bot.library import aliases_file
    from index.cleaning import read_aliases, suggest_aliases
    from index.texts import live_texts

    file = aliases_file(settings)
    known = read_aliases(file)
    texts = live_texts(settings.data)
    for found in suggest_aliases([known.canonical(document.text) for document in texts.documents]):
        print(
            words(
                "terminal.suggested",
                variant=found.variant,
                canonical=found.canonical,
                count=found.count,
                file=file,
            )
        )


def _progress() -> AbstractContextManager[Callable[[int, int], None]]:
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    @contextmanager
    def shown() -> Iterator[Callable[[int, int], None]]:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        bar = Progress(*columns, console=Console(stderr=True))
        task = bar.add_task(words("terminal.encoding"), total=None)

        def advance(done: int, total: int) -> None:
            bar.start()  # only now: a refusal needs no bar above it
            bar.update(task, completed=done, total=total)

        try:
            yield advance
        finally:
            if bar.live.is_started:
                bar.stop()

    return shown()


@index_app.command("status")
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what is in the library, since when, and which model reads it."""
    from bot.source import status as library_status

    found = library_status(context.obj.data)
    if as_json:
        print_json(asdict(found), indent=2)
        return
    print(f"generation  {found.generation}")
    print(f"built       {found.built_at:%Y-%m-%d %H:%M:%S %Z}")
    print(f"model       {found.model} ({found.dimension} dimensions)")
    print(f"passages    {found.passages}")
    for document in found.documents:
        facts = f"{document.passages} passages, sha256 {document.sha256[:12]}…"
        print(f"document    {document.id}  {document.title}  ({facts})")


@index_app.command("list")
def list_generations(context: typer.Context) -> None:
    """List the generations that are kept, the newest last; the live one is marked."""
    from index import generation as generations
    from index.texts import live

    now = live(context.obj.data)
    for manifest in generations.manifests(context.obj.data):
        mark = "*" if manifest.generation == now else " "
        facts = f"documents: {manifest.documents}, passages: {manifest.passages}"
        print(f"{mark} {manifest.generation}  {manifest.built_at}  {facts}")


@index_app.command("rollback")
def rollback(
    context: typer.Context,
    generation: Annotated[str | None, typer.Argument(help="Which one; default: the one before the live one.")] = None,
) -> None:
    """Make an earlier generation the live one again."""
    from index import generation as generations

    print(generations.roll_back(context.obj.data, generation))


@index_app.command("source")
def source(context: typer.Context, document: Annotated[str, typer.Argument(help="The document's name.")]) -> None:
    """Print a document's source text exactly: what every offset counts in."""
    from index.texts import live_texts

    text = live_texts(context.obj.data).document(document).text
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
