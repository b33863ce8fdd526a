"""The commands `tutor store ...`: bring the store up to date, move it between SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli._terminal import Refusal
from bot.runtime.instance_lock import occupying
from prompts import words

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.store.copying import Copied, Place

store_app = typer.Typer(help="Bring the store up to date, or move it to another database.", no_args_is_help=True)

_SQLITE = "sqlite"
_POSTGRESQL = "postgresql"
_WHERE = "sqlite (the data folder's file), postgresql (TUTOR_DATABASE), or an address or a path."


@store_app.callback()
def store() -> None:
    """Bring the store up to date, or move it to another database."""


@store_app.command("migrate")
def migrate(context: typer.Context) -> None:
    """Create the tables or bring them up to date, as every start does: for a job before an update."""
    from bot.store.database import Store

    settings: Settings = context.obj

    async def opened() -> None:
        store = Store(settings.data, database=settings.database_address)
        await store.open()
        await store.close()

    # Processes on a database lock each other out, on any machine.
    with occupying(settings.data) if settings.database is None else nullcontext():
        asyncio.run(opened())
    print(words("terminal.store.migrated"))


@store_app.command("copy")
def copy(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FROM", help=_WHERE)],
    target: Annotated[str, typer.Argument(metavar="TO", help="The same; it must have no rows.")],
) -> None:
    """Copy every row, compare what arrived, and change nothing in the source; the bot must not be running."""
    from bot.store.copying import SqlitePlace, copy_store

    settings: Settings = context.obj
    old, new = _place(settings, source, exists=True), _place(settings, target)
    if old.name == new.name:
        raise Refusal(words("errors.copy.same", place=old.name))
    began = time.monotonic()
    rows = [0]

    def tell(done: Copied) -> None:
        rows[0] += done.rows
        print(words("terminal.store.table", done=done), flush=True)
        if done.replaced:
            print(words("terminal.store.replaced", done=done), file=sys.stderr, flush=True)

    with ExitStack() as held:
        for folder in {each.folder for each in (old, new) if isinstance(each, SqlitePlace)}:
            held.enter_context(occupying(folder))
        copy_store(old, new, tell)
    took_s = time.monotonic() - began
    print(words("terminal.store.copied", rows=rows[0], old=old.name, new=new.name, minutes=took_s / 60))


def _place(settings: Settings, given: str, *, exists: bool = False) -> Place:
    from bot.store.copying import SqlitePlace
    from bot.store.migrate import FILE

    address = settings.database_address if given == _POSTGRESQL else given
    if address is None:
        raise Refusal(words("errors.copy.no_setting"))
    if "://" in address:
        from bot.store.postgresql.place import PostgresPlace  # needs the extra `cluster`

        return PostgresPlace(address)
    path = settings.data if given == _SQLITE else Path(given)
    path = path / FILE if path.is_dir() or given == _SQLITE else path
    if exists and not path.exists():
        raise Refusal(words("errors.copy.nothing", place=path))
    return SqlitePlace(path)
