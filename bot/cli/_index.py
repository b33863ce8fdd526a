"""The commands `tutor index ...`: those here show the library, those of `_rebuild` change it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from bot.cli import _rebuild
from bot.cli._terminal import print_json

index_app = typer.Typer(help="Build the library and look at it.", no_args_is_help=True)
for command in (
    _rebuild.build,
    _rebuild.add,
    _rebuild.remove,
    _rebuild.refresh,
    _rebuild.promote,
    _rebuild.discard,
    _rebuild.rollback,
):
    index_app.command()(command)


@index_app.command("status")
def status(context: typer.Context, as_json: _rebuild.Json = False, server: _rebuild.Server = None) -> None:
    """Show what is in the library, when it was built and by which model."""
    from bot.libraries.source_text import status as library_status

    found = library_status(_rebuild.folder_of(context.obj, server))
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
def list_generations(context: typer.Context, server: _rebuild.Server = None) -> None:
    """List the generations that are kept, the newest last; the live one is marked."""
    from index.generations.manifest import live, manifests

    folder = _rebuild.folder_of(context.obj, server)
    now = live(folder)
    for manifest in manifests(folder):
        mark = "*" if manifest.generation == now else " "
        facts = f"documents: {manifest.documents}, passages: {manifest.passages}"
        print(f"{mark} {manifest.generation}  {manifest.built_at}  {facts}")


@index_app.command("source")
def source(
    context: typer.Context,
    document: Annotated[str, typer.Argument(help="The document's name.")],
    server: _rebuild.Server = None,
) -> None:
    """Print the exact source text of a document, in which all offsets count."""
    from index.generations.texts import live_texts

    text = live_texts(_rebuild.folder_of(context.obj, server)).document(document).text
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
