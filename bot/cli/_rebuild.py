"""Changes a library from the terminal: builds it, adds and removes documents, promotes what was held back."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli._progress import progress
from bot.cli._terminal import Refusal, print_json
from prompts import words

if TYPE_CHECKING:
    from bot.libraries.rebuild import Rebuilt, Selector
    from bot.settings import Settings
    from index.generations.records import Exam
    from index.models.encoder import Encoder

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
    learn_golden(folder_of(context.obj, server), chosen)
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
    learn_golden(folder_of(context.obj, server), sources)
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
    """Build the same documents anew, for another model, other spellings or a newer version of the tutor."""
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

    promote_examined(folder_of(context.obj, server), generation, at=now(), anyway=anyway)
    print(generation)


def discard(
    context: typer.Context,
    generation: Annotated[str, typer.Argument(help="Which one; tutor index list shows them.")],
    server: Server = None,
) -> None:
    """Delete a generation that is not live."""
    from index.generations.promotion import discard as delete

    delete(folder_of(context.obj, server), generation)


def rollback(
    context: typer.Context,
    generation: Annotated[str | None, typer.Argument(help="Which one; default: the one that was live before.")] = None,
    server: Server = None,
) -> None:
    """Make an earlier generation the live one again."""
    from bot.libraries.rebuild import now
    from index.generations.promotion import roll_back

    print(roll_back(folder_of(context.obj, server), generation, at=now()))


def folder_of(settings: Settings, server: int | None) -> Path:
    """Name the folder of the library that is changed; a server's must be there already."""
    from bot.libraries.paths import own_folder
    from index.generations.manifest import live

    if server is None:
        return settings.data
    folder = own_folder(settings.data, server)
    if live(folder) is None:
        raise Refusal(words("terminal.no_server", server=server))
    return folder


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

    began = time.perf_counter()
    folder = folder_of(settings, server)
    with progress(as_json=lines) as advance:
        pinned = _approved(settings, server)
        options = BuildOptions(
            pinned=pinned, hold=hold, anyway=anyway, by=by, progress=advance, waiting=None if lines else _waiting
        )
        rebuilt = rebuild(settings, folder, selector, partial(_load, settings, bounded=lines), options)
    seconds = round(time.perf_counter() - began, 3)
    for skipped in rebuilt.report.skipped:
        print(words("terminal.skipped", name=skipped.name, reason=skipped.reason), file=sys.stderr)
    if as_json:
        print_json(_summary(rebuilt, seconds))
    else:
        _print(settings, folder, rebuilt, seconds)
    if not rebuilt.is_live and not hold:
        raise Refusal(words("terminal.failed", generation=rebuilt.report.generation))


def _load(settings: Settings, *, bounded: bool) -> Encoder:
    """Load the model, whose own memory does not count where that of a build is bounded."""
    from bot.libraries.opening import load_encoder

    if not bounded:
        return load_encoder(settings)
    from bot.libraries import memory_limit  # not every system has limits

    with memory_limit.lifted():
        return load_encoder(settings)


def _approved(settings: Settings, server: int | None) -> dict[str, tuple[str, ...]]:
    """Give the words under the quiz items that a server has approved, by the items' ids."""
    from bot.store.migrate import FILE

    if server is None or not (settings.data / FILE).exists():
        return {}
    import asyncio

    from bot.learning.approved import ApprovedItems
    from bot.store.database import Store

    async def read() -> dict[str, tuple[str, ...]]:
        store = Store(settings.data)
        try:
            return {item.id: (item.quote, *item.points) for item in (await ApprovedItems(store).of(server)).items}
        finally:
            await store.close()

    return asyncio.run(read())


def _waiting() -> None:
    print(words("terminal.waiting"), file=sys.stderr)


def _summary(rebuilt: Rebuilt, seconds: float) -> dict[str, object]:
    from index.generations.records import as_row

    exam = as_row(rebuilt.exam) if rebuilt.exam is not None else None
    more = {"seconds": seconds, "live": rebuilt.is_live, "changes": asdict(rebuilt.changes), "exam": exam}
    if rebuilt.calibration is not None:
        more["calibration"] = rebuilt.calibration.to_json()
    return {**asdict(rebuilt.report), **more}


def _print(settings: Settings, folder: Path, rebuilt: Rebuilt, seconds: float) -> None:
    report, changes = rebuilt.report, rebuilt.changes
    print(
        words(
            "terminal.built",
            live=rebuilt.is_live,
            generation=report.generation,
            documents=report.documents,
            passages=report.passages,
            encoded=report.encoded,
            reused=report.reused,
            removed=report.removed,
            seconds=seconds,
        )
    )
    for kind, names in (
        ("added", changes.documents_added),
        ("changed", changes.documents_changed),
        ("removed", changes.documents_removed),
    ):
        for name in names:
            print(words("terminal.change", kind=kind, name=name))
    if rebuilt.exam is not None:
        _print_exam(rebuilt.exam)
    if rebuilt.calibration is not None:
        fitted = rebuilt.calibration
        shares = {"answered": fitted.coverage, "quoted": fitted.precision, "falsely": fitted.false_answers}
        print(words("terminal.estimate", **shares))
    _print_suggestions(settings, folder)


def _print_exam(exam: Exam) -> None:
    if exam.golden:
        print(words("terminal.golden", golden=exam.golden, right=exam.right, right_before=exam.right_before))
    for question in exam.worse:
        print(words("terminal.worse", question=question))
    for item in exam.orphans:
        print(words("terminal.orphan", item=item))
    if exam.gone:
        print(words("terminal.gone", count=len(exam.gone)))


def _print_suggestions(settings: Settings, folder: Path) -> None:
    """Name words that look like spellings of one another and are not yet known as such, for a person to confirm."""
    from bot.libraries.rebuild import aliases_file
    from index.generations.texts import live_texts
    from index.text.noise import read_aliases, suggest_aliases

    file = aliases_file(settings)
    known = read_aliases(file)
    texts = live_texts(folder)
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
