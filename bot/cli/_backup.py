"""Commands that back up everything the program has written, and restore it on this or another machine."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from prompts import words

if TYPE_CHECKING:
    from bot.settings import Settings


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The zip file to write; an earlier backup there is replaced.")],
) -> None:
    """Write the store and every library to one file, while the bot runs; a database has its own means."""
    from bot.backup.making import back_up
    from bot.libraries.storage import storage_of

    settings: Settings = context.obj
    with_store = settings.database is None
    storage = None if settings.bucket is None else storage_of(settings)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    made = back_up(settings.data, file, at=at, with_store=with_store, storage=storage)
    count = {"files": len(made.members), "libraries": made.libraries, "store": made.store}
    print(words("backup.made", path=file, size_bytes=made.size_bytes, **count))
    if settings.bucket is not None:
        print(words("backup.from_bucket", url=settings.bucket))
    if not with_store:
        print(words("backup.elsewhere"), file=sys.stderr)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What tutor backup wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Put the content of the data folder aside.")] = False,
) -> None:
    """Put a backup into the data folder, and from there into an empty bucket; the bot must not be running on it."""
    from bot.backup.restoring import restore as put_back
    from bot.libraries.paths import every_folder
    from bot.libraries.storage import storage_of
    from bot.store.migrate import FILE

    settings: Settings = context.obj
    done = put_back(settings.data, file, when=datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ"), replace=replace)
    said = done.said
    count = {"files": len(said.members), "libraries": done.libraries, "store": said.store}
    print(words("backup.restored", program=said.program, at=said.made_at, **count))
    if done.aside is not None:
        print(words("backup.aside", path=done.aside))
    for sentence in done.foreign:
        print(sentence, file=sys.stderr)
    if settings.database is not None and said.store is not None:
        print(words("errors.database.file_left", path=settings.data / FILE), file=sys.stderr)
    if settings.bucket is not None:
        storage = storage_of(settings)
        for folder in every_folder(settings.data).values():
            storage.pull(folder)  # uploads it, or refuses when the bucket has another one
        print(words("backup.into_bucket", url=settings.bucket))


def finish_restore(data: Path) -> None:
    """Complete a restore that was killed, before any command reads the data folder."""
    from bot.backup.swap import is_unfinished

    if is_unfinished(data):
        from bot.backup.restoring import finish_restore as finish

        finish(data)
        print(words("backup.finished"), file=sys.stderr)
