"""Looks after the quiz bank from the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli._opening import open_announced
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.quiz.check import Report
    from bot.quiz.community import Dispute
    from bot.settings import Settings

quiz_app = typer.Typer(help="Look after the quiz bank.", no_args_is_help=True)


@quiz_app.callback()
def quiz() -> None:
    """Look after the quiz bank."""


@quiz_app.command("check")
def check(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="Files of items; default: the bank that ships.")] = None,
) -> None:
    """Prove that every item's quote is verbatim in the live library, has one key and gives nothing away."""
    from bot.quiz.bank import read_bank
    from bot.quiz.check import check as check_bank
    from index.texts import quotable

    settings: Settings = context.obj
    library = open_announced(settings)
    report = check_bank(read_bank(files=files or None), quotable(library.generation.texts), library.encoder)
    _print(report)
    if not report.passed:
        raise SystemExit(1)


@quiz_app.command("disputes")
def disputes(context: typer.Context) -> None:
    """List what people find wrong with questions, in servers and in private, the newest first."""
    import asyncio

    for found in asyncio.run(_disputes(context.obj)):
        print(words("terminal.quiz.dispute", when=f"{found.made_at:%Y-%m-%d}", item=found.item, text=found.complaint))


async def _disputes(settings: Settings) -> list[Dispute]:
    from bot.store import servers
    from bot.store.database import Store

    store = Store(settings.data)
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
        print(
            words(
                "terminal.quiz.guess",
                name=words(f"terminal.quiz.guesser.{guess.name}"),
                right=guess.right,
                chance=guess.chance,
                most=guess.most,
                fair=guess.is_fair,
            )
        )
    print(words("terminal.quiz.passed" if report.passed else "terminal.quiz.failed"))


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
