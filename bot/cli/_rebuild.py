"""Commands that change a library: build it, add and remove documents, promote and roll back generations."""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli._build_report import print_report, summary
from bot.cli._progress import progress
from bot.cli._terminal import Refusal, print_json
from prompts import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.libraries.rebuild import Selector
    from bot.settings import Settings
    from index.models.encoder import Encoder

ResultT = TypeVar("ResultT")

Server = Annotated[int | None, typer.Option("--server", help="Id of a server with a library of its own.")]
Json = Annotated[bool, typer.Option("--json", help="Print a summary as one JSON object.")]
Hold = Annotated[bool, typer.Option("--hold", help="Leave the new generation beside the live one; see promote.")]
Anyway = Annotated[bool, typer.Option("--anyway", help="Make it live even if it fails its exam.")]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse everything when one file cannot be read.")]
By = Annotated[str, typer.Option(hidden=True, help="Who wants it, for the history.")]
Lines = Annotated[bool, typer.Option("--lines", hidden=True, help="Tell the progress as lines of JSON.")]


def build(
    context: typer.Context,
    sources: Annotated[
        list[Path] | None, typer.Argument(help="Files and folders; default: the essay that ships.")
    ] = None,
    as_json: Json = False,
    strict: Strict = False,
    hold: Hold = False,
    anyway: Anyway = False,
    server: Server = None,
) -> None:
    """Rebuild the library from these documents while the old one keeps serving."""
    from bot.libraries.rebuild import SEEDS, learn_golden, replace_all

    chosen = sources or [SEEDS]
    change(context.obj, server, lambda folder: learn_golden(folder, chosen))
    _rebuild(context.obj, server, replace_all(chosen, strict=strict), as_json=as_json, hold=hold, anyway=anyway)


def add(
    context: typer.Context,
    sources: Annotated[list[Path], typer.Argument(help="Files and folders; the same name replaces a document.")],
    as_json: Json = False,
    strict: Strict = False,
    hold: Hold = False,
    anyway: Anyway = False,
    server: Server = None,
    by: By = "",
    lines: Lines = False,
) -> None:
    """Add documents to the library, or new versions of them."""
    from bot.libraries.rebuild import add_sources, learn_golden

    selector = add_sources(sources, strict=strict)
    change(context.obj, server, lambda folder: learn_golden(folder, sources))
    _rebuild(context.obj, server, selector, as_json=as_json, hold=hold, anyway=anyway, by=by, lines=lines)


def remove(
    context: typer.Context,
    documents: Annotated[list[str], typer.Argument(help="Names of documents, as tutor index status shows them.")],
    as_json: Json = False,
    hold: Hold = False,
    anyway: Anyway = False,
    server: Server = None,
    by: By = "",
    lines: Lines = False,
) -> None:
    """Take documents out of the library."""
    from bot.libraries.rebuild import remove_documents

    selector = remove_documents(documents)
    _rebuild(context.obj, server, selector, as_json=as_json, hold=hold, anyway=anyway, by=by, lines=lines)


def refresh(
    context: typer.Context,
    as_json: Json = False,
    hold: Hold = False,
    anyway: Anyway = False,
    server: Server = None,
    by: By = "",
    lines: Lines = False,
) -> None:
    """Build the same documents again, for another model, other spellings or a newer version of the tutor."""
    from bot.libraries.rebuild import keep_all

    _rebuild(context.obj, server, keep_all, as_json=as_json, hold=hold, anyway=anyway, by=by, lines=lines)


def promote(
    context: typer.Context,
    generation: Annotated[str, typer.Argument(help="Which one; tutor index list shows them.")],
    anyway: Anyway = False,
    server: Server = None,
) -> None:
    """Make a generation live that was held back or failed its exam."""
    from bot.libraries.rebuild import now
    from index.generations.promotion import promote_examined

    change(
        context.obj,
        server,
        lambda folder: promote_examined(folder, generation, at=now(), anyway=anyway),
        lambda _: generation,
    )
    print(generation)


def discard(
    context: typer.Context,
    generation: Annotated[str, typer.Argument(help="Which one; tutor index list shows them.")],
    server: Server = None,
) -> None:
    """Delete a generation that is not live."""
    from index.generations.promotion import discard as delete

    change(context.obj, server, lambda folder: delete(folder, generation))


def rollback(
    context: typer.Context,
    generation: Annotated[str | None, typer.Argument(help="Which one; default: the one that was live before.")] = None,
    server: Server = None,
) -> None:
    """Make an earlier generation the live one again."""
    from bot.libraries.rebuild import now
    from index.generations.promotion import before_live, roll_back

    wanted = (lambda _: generation) if generation is not None else before_live
    print(change(context.obj, server, lambda folder: roll_back(folder, wanted(folder), at=now()), wanted))


def folder_of(settings: Settings, server: int | None) -> Path:
    """Return the folder of a library, up to date; raises Refusal when the server has no library of its own."""
    from bot.libraries.paths import own_folder
    from bot.libraries.storage import storage_of
    from index.generations.manifest import live

    folder = settings.data if server is None else own_folder(settings.data, server)
    storage_of(settings).pull(folder)
    if server is not None and live(folder) is None:
        raise Refusal(words("terminal.no_server", server=server))
    return folder


def change(
    settings: Settings,
    server: int | None,
    work: Callable[[Path], ResultT],
    needs: Callable[[Path], str | None] = lambda _: None,
) -> ResultT:
    """Change a library; `needs` names a generation whose files the change reads, from the library's folder."""
    from bot.libraries.storage import storage_of

    folder, storage = folder_of(settings, server), storage_of(settings)
    if (generation := needs(folder)) is not None:
        storage.fetch(folder, generation)
    return storage.change(folder, work)


def _rebuild(
    settings: Settings,
    server: int | None,
    selector: Selector,
    *,
    as_json: bool,
    hold: bool,
    anyway: bool,
    by: str = "",
    lines: bool = False,
) -> None:
    from bot.libraries.rebuild import BuildOptions, rebuild
    from bot.libraries.storage import built, storage_of

    began = time.perf_counter()
    folder = folder_of(settings, server)
    with progress(as_json=lines) as advance:
        options = BuildOptions(
            pinned=_approved(settings, server),
            hold=hold,
            anyway=anyway,
            by=by,
            progress=advance,
            waiting=None if lines else lambda: print(words("terminal.waiting"), file=sys.stderr),
        )
        rebuilt = built(
            storage_of(settings),
            folder,
            lambda: rebuild(settings, folder, selector, partial(_load, settings, bounded=lines), options),
        )
    seconds = round(time.perf_counter() - began, 3)
    for skipped in rebuilt.report.skipped:
        print(words("terminal.skipped", name=skipped.name, reason=skipped.reason), file=sys.stderr)
    if as_json:
        print_json(summary(rebuilt, seconds))
    else:
        print_report(settings, folder, rebuilt, seconds)
    if not rebuilt.is_live and not hold:
        raise Refusal(words("terminal.failed", generation=rebuilt.report.generation))


def _load(settings: Settings, *, bounded: bool) -> Encoder:
    """Load the model; when the memory is `bounded`, what the model takes does not count."""
    from bot.libraries.opening import load_encoder

    if not bounded:
        return load_encoder(settings)
    from bot.libraries import memory_limit  # not every system has limits

    with memory_limit.lifted():
        return load_encoder(settings)


def _approved(settings: Settings, server: int | None) -> dict[str, tuple[str, ...]]:
    """Return the quoted sentences of the quiz items that a server has approved, by the items' ids."""
    from bot.store.migrate import FILE

    if server is None or (settings.database is None and not (settings.data / FILE).exists()):
        return {}
    import asyncio

    from bot.learning.approved import ApprovedItems
    from bot.store.database import Store

    async def read() -> dict[str, tuple[str, ...]]:
        store = Store(settings.data, database=settings.database_address)
        try:
            return {item.id: (item.quote, *item.points) for item in (await ApprovedItems(store).of(server)).items}
        finally:
            await store.close()

    return asyncio.run(read())
