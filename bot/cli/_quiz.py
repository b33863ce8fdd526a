"""The commands `tutor quiz ...`: check the quiz bank, draft questions, list disputes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli._rebuild import Server, folder_of
from bot.cli._terminal import Refusal, open_announced
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.quiz.check import Report
    from bot.quiz.items import Dispute
    from bot.settings import Settings

quiz_app = typer.Typer(help="Check and draft quiz questions.", no_args_is_help=True)


@quiz_app.callback()
def quiz() -> None:
    """Check and draft quiz questions."""


@quiz_app.command("check")
def check(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="Files of items; default: the bank that ships.")] = None,
) -> None:
    """Check that every item quotes the live library verbatim, has one right answer and does not reveal it."""
    from bot.quiz.bank import read_bank
    from bot.quiz.check import check as check_bank
    from index.generations.texts import blotted_texts

    settings: Settings = context.obj
    library = open_announced(settings)
    report = check_bank(read_bank(files=files or None), blotted_texts(library.generation.texts), library.encoder)
    _print(report)
    if not report.passed:
        raise SystemExit(1)


@quiz_app.command("generate")
def generate(
    context: typer.Context,
    count: Annotated[int, typer.Option(min=1, max=5000, help="How many drafts at most.")] = 50,
    documents: Annotated[
        list[str] | None, typer.Option("--document", help="Only of this document, by its id; may be repeated.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write them to; default: the terminal.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same drafts.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="One JSON object instead of YAML.")] = False,
    server: Server = None,
) -> None:
    """Draft questions about the live library, to be read and corrected before use; no language model."""
    import random

    from bot.quiz.drafting import TooLittle, as_json, as_yaml, draft, main_places

    library = open_announced(context.obj, folder_of(context.obj, server))
    texts = library.generation.texts
    rng, main = random.Random(seed), main_places(library.generation, documents or None)
    try:
        drafts = draft(texts, library.encoder, rng=rng, most=count, documents=documents or None, main=main)
    except TooLittle as error:
        raise Refusal(str(error)) from error
    _write(as_json(drafts, texts.manifest.generation) if json else as_yaml(drafts), out)
    print(words("terminal.quiz.drafted", drafts=len(drafts)), file=sys.stderr)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        print(text)
        return
    try:
        out.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise Refusal(words("terminal.unwritable", path=out, reason=error.strerror)) from error


@quiz_app.command("disputes")
def disputes(context: typer.Context) -> None:
    """List people's complaints about questions, in servers and in private, newest first."""
    import asyncio

    for found in asyncio.run(_disputes(context.obj)):
        print(words("terminal.quiz.dispute", when=f"{found.made_at:%Y-%m-%d}", item=found.item, text=found.complaint))


async def _disputes(settings: Settings) -> list[Dispute]:
    from bot.store import servers
    from bot.store.database import Store

    store = Store(settings.data, database=settings.database_address)
    try:
        async with store.reading() as connection:
            return await servers.every_dispute(connection)
    finally:
        await store.close()


def _print(report: Report) -> None:
    for fault in report.faults:
        print(words("terminal.quiz.fault", file=fault.file, item=fault.item, reason=fault.reason))
    axes, kinds = _counts(report.by_axis), _counts(report.by_kind)
    print(words("terminal.quiz.items", items=sum(report.by_axis.values()), axes=axes, kinds=kinds))
    for guess in report.guesses:
        shares = {"right": guess.right, "chance": guess.chance, "most": guess.most}
        name = words(f"terminal.quiz.guesser.{guess.name}")
        print(words("terminal.quiz.guess", name=name, fair=guess.is_fair, **shares))
    print(words("terminal.quiz.passed" if report.passed else "terminal.quiz.failed"))


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
