"""The command `tutor lesson check`: proves the lesson files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli._terminal import open_announced
from prompts import words

if TYPE_CHECKING:
    from bot.settings import Settings

lesson_app = typer.Typer(help="Check lessons.", no_args_is_help=True)


@lesson_app.callback()
def lesson() -> None:
    """Check lessons."""


@lesson_app.command("check")
def check(
    context: typer.Context,
    files: Annotated[list[Path] | None, typer.Argument(help="Files of lessons; default: those that ship.")] = None,
) -> None:
    """Check that every point of a lesson quotes the live library verbatim and asks items of the bank."""
    from bot.quiz.bank import read_bank
    from bot.quiz.lesson_check import MOST_MINUTES, check_lessons, untaught
    from bot.quiz.lesson_plan import read_lessons
    from index.answering.overview import overview
    from index.answering.scope import Scope
    from index.generations.texts import blotted_texts

    settings: Settings = context.obj
    generation = open_announced(settings).generation
    report = check_lessons(read_lessons(files=files or None), read_bank(), blotted_texts(generation.texts))
    for fault in report.faults:
        print(words("terminal.quiz.fault", file=fault.file, item=fault.item, reason=fault.reason))
    main = [generation.sentence(number).text for number in overview(generation, Scope(generation.sections))]
    for plan, minutes in report.minutes.items():
        counts = {"chapters": len(plan.chapters), "points": len(plan.points), "minutes": minutes, "most": MOST_MINUTES}
        print(words("terminal.lesson.plan", lesson=plan.id, **counts))
        missing = untaught(main, plan)
        print(words("terminal.lesson.main", taught=len(main) - len(missing), all=len(main)))
        for sentence in missing:
            print(words("terminal.lesson.untaught", sentence=sentence))
    print(words("terminal.lesson.passed" if report.passed else "terminal.lesson.failed"))
    if not report.passed:
        raise SystemExit(1)
