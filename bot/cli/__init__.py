"""The command line `tutor`: results go to stdout, progress and logs to stderr."""

from __future__ import annotations

import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot.cli._ask import ask, evaluate
from bot.cli._backup import backup, finish_restore, restore
from bot.cli._chat import chat
from bot.cli._check import check
from bot.cli._grade import grade
from bot.cli._index import index_app
from bot.cli._lesson import lesson_app
from bot.cli._quiz import quiz_app
from bot.cli._serve import demo, run
from bot.cli._store import store_app
from bot.cli._terminal import Refusal, use_utf8
from bot.cli._work import work
from bot.errors import BotError
from bot.observability.logs import set_up
from bot.settings import load_settings
from index.documents.confinement import make_undumpable
from index.errors import LibraryError
from prompts import words

app = typer.Typer(
    name="tutor",
    help="A Discord tutor that answers from your documents in their own words.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(demo)
app.command()(run)
app.command()(ask)
app.command()(chat)
app.command()(check)
app.command("eval")(evaluate)
app.command()(grade)
app.command()(work)
app.command()(backup)
app.command()(restore)
app.add_typer(index_app, name="index")
app.add_typer(quiz_app, name="quiz")
app.add_typer(store_app, name="store")
app.add_typer(lesson_app, name="lesson")


def main() -> None:
    """Run the command line; every refusal is one line on stderr."""
    make_undumpable()  # before the token is read: no process of this user may read the memory or environment
    os.umask(0o077)  # what any command writes holds people's data: only its owner may read it
    use_utf8()
    try:
        app()
    except (BotError, LibraryError, Refusal) as error:
        _refuse(str(error))
    except BrokenPipeError:
        # The reader of a pipe has closed it; the rest of the buffer must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        if logging.getLogger("bot").isEnabledFor(logging.DEBUG):
            raise
        _refuse(words("terminal.unexpected", reason=f"{type(error).__name__}: {error}"))


def _refuse(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(1)


@app.callback()
def start(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option(help="Folder that holds everything the program writes.")] = None,
    dotenv: Annotated[bool, typer.Option(help="Read settings from the file .env too.")] = True,
) -> None:
    """Start the bot: on Discord when a token is set, else as a demo in the browser."""
    given: dict[str, Any] = {} if data is None else {"data": data}
    settings = load_settings(**given, **({} if dotenv else {"_env_file": None}))
    context.obj = settings
    set_up(settings)
    finish_restore(settings.data)
    if context.invoked_subcommand is None:
        if settings.discord_token is None:
            demo(context)
        else:
            run(context)


@app.command()
def doctor(
    context: typer.Context,
    brief: Annotated[bool, typer.Option("--brief", help="Quick, and only the faults: for a health check.")] = False,
) -> None:
    """Check this set-up and say how to fix what is wrong."""
    from bot.doctor import examine, glance

    broken = False
    for finding in glance(context.obj) if brief else examine(context.obj, datetime.now(UTC)):
        sign = {True: "ok  ", False: "BAD ", None: "-   "}[finding.fine]
        if not brief or finding.fine is False:
            print(f"{sign}{words(f'doctor.label.{finding.part}'):10}{finding.sentence}", flush=True)
        broken = broken or finding.fine is False
    if broken:
        raise SystemExit(1)
    if brief:
        print(words("doctor.brief.fine"))
